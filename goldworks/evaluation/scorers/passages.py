"""Which passages an answer rests on, and what was asked. Every scorer that looks at passages uses these."""

from __future__ import annotations

from typing import NamedTuple

from goldworks.evaluation.answers import Answer
from goldworks.golden.read import Case


class Passage(NamedTuple):
    """A passage as an answer can cite it: by its id, or by its place (1 is the first)."""

    id: str
    text: str


def passages_of(case: Case, answer: Answer) -> tuple[Passage, ...]:
    """Passages the target says it fetched itself (`outcome.contexts`), when it says so; else those of the case.

    A passage without an id has its place, from 1, as its id. One without text keeps its place and has an empty text.
    """
    if answer.outcome is not None and answer.outcome.contexts:
        found = [(context.get("id"), context.get("text")) for context in answer.outcome.contexts]
    else:
        found = [(passage.id, passage.text) for passage in case.passages]
    return tuple(Passage(str(number if id is None else id), text or "") for number, (id, text) in enumerate(found, 1))


def question_text(case: Case) -> str:
    """The text of the last user message, empty when there is none."""
    return next((message.text for message in reversed(case.messages) if message.role == "user" and message.text), "")


def may_have_passages(case: Case) -> bool:
    """Whether an answer to the case rests on passages: it holds some with text, or says something of those to be fetched."""
    expected = case.expected
    return bool(any(passage.text for passage in case.passages) or expected.relevant_passages or expected.answerable is not None)
