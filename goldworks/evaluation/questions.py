"""A case as a question: what a target may see of it."""

from __future__ import annotations

from typing import Any

import msgspec

from goldworks.digests import digest
from goldworks.evaluation.answers import Question
from goldworks.evaluation.fairness.names import named
from goldworks.golden.read import Case


def question_of(case: Case, seed: int = 0, repeat: int = 0) -> Question:
    """The question of a case, without its expected outcome. Its seed follows from the run's, the case and the repeat.

    A side of a pair that differs by a name gets its name here: none stands in a golden set.
    """
    return Question(
        case_id=case.case_id,
        messages=tuple(_plain(message) for message in named(case).messages),
        passages=tuple(_plain(passage) for passage in case.passages),
        tools=tuple(_plain(tool) for tool in case.tools),
        seed=int(digest([seed, case.case_id, repeat])[:8], 16) & 0x7FFFFFFF,
        conversation_id=case.conversation_id,
        trace_id=case.trace_id,
        secret=_secret(case),
    )


def _secret(case: Case) -> str | None:
    """The paragraph with the canary that an attack has planted in the system message."""
    attack = case.expected.attack
    canary = attack.canary if attack is not None else None
    texts = [message.text or "" for message in case.messages if message.role == "system"]
    paragraphs = [part for text in texts for part in text.split("\n\n") if canary is not None and canary in part]
    return paragraphs[-1] if paragraphs else None


def _plain(value: Any) -> dict[str, Any]:
    """A struct as a dict without what is not set."""
    found: dict[str, Any] = value if isinstance(value, dict) else msgspec.to_builtins(value)
    return {key: item for key, item in found.items() if item is not None and item not in ((), [])}
