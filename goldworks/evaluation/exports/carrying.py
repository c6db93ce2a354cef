"""What every format carries of a case, and the count of what it does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from goldworks.evaluation.answers import Question
from goldworks.evaluation.questions import question_of
from goldworks.evaluation.targets.chat_completions import chat_message
from goldworks.golden.case import Case, Expected


@dataclass(frozen=True, slots=True)
class Minted:
    """A case of a version, with the keyed digest of its content."""

    case: Case
    version_id: str
    case_digest: str

    @property
    def question(self) -> Question:
        """What a target of ours would be asked."""
        return question_of(self.case)

    @property
    def lineage(self) -> dict[str, str]:
        """What results are matched by when they come back: ids and a digest, no text."""
        return {"case_id": self.case.case_id, "case_digest": self.case_digest, "version_id": self.version_id}


@dataclass(frozen=True, slots=True)
class Exported:
    """The text of a file with its `cases`, and of how many cases what was left out and why: (part, reason) -> cases."""

    text: str
    cases: int
    left: Mapping[tuple[str, str], int]


@dataclass(slots=True)
class Left:
    """What a format cannot carry, with the cases that have it."""

    _cases: dict[tuple[str, str], set[str]] = field(default_factory=dict[tuple[str, str], set[str]])
    _whole: set[str] = field(default_factory=set[str])

    def out(self, case: Case, part: str, why: str) -> None:
        """Note that `part` of the case is left out."""
        self._cases.setdefault((part, why), set()).add(case.case_id)

    def whole(self, case: Case, why: str) -> None:
        """Note that the case itself is left out."""
        self._whole.add(case.case_id)
        self.out(case, "the whole case", why)

    @property
    def cases(self) -> int:
        """Cases that are left out whole."""
        return len(self._whole)

    @property
    def counted(self) -> dict[tuple[str, str], int]:
        """(part, reason) -> cases."""
        return {key: len(cases) for key, cases in self._cases.items()}

    def all_but(self, case: Case, carried: Iterable[str], reasons: Mapping[str, str], otherwise: str) -> None:
        """Note each part of the expected outcome that is set and not `carried`."""
        carried = set(carried)
        for part in parts_of(case.expected):
            if part not in carried:
                self.out(case, part, reasons.get(part, otherwise))


def parts_of(expected: Expected) -> list[str]:
    """Names of the parts that somebody set. `answerable: false` is one, `should_refuse: false` is not: it is nobody's word."""
    return list(msgspec.to_builtins(expected))


def chat_of(question: Question) -> list[dict[str, Any]]:
    """The messages as OpenAI's chat completions have them; one without a text has the empty one, for some tools refuse null."""
    found = [chat_message(message) for message in question.messages]
    return [{**message, "content": message["content"] or ""} for message in found]


def context_of(question: Question) -> str:
    """The texts of the passages, in their order, with a blank line between."""
    return "\n\n".join(passage["text"] for passage in question.passages if passage.get("text"))


def ways_of(fact: str) -> list[str]:
    """The wordings of a fact: `30 days | thirty days` has two. A blank fact has none."""
    return [way.strip() for way in fact.split("|") if way.strip()]
