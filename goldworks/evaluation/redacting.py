"""Answers of a live target lose what is personal before anything is written: each is one document, with calls and outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from goldworks.evaluation.answers import Answer, Call, Outcome, Question
from goldworks.evaluation.attacks.canaries import in_small_letters

_TOKEN = re.compile(rb"<[A-Z][A-Z0-9_]*_[0-9]{1,9}>")


class Redacts(Protocol):
    """What the runner needs of a redactor."""

    def redact(self, documents: Any) -> Any:
        """A `RedactedDocument` for each `Document`."""
        ...


def redacted(answers: Sequence[Answer], redactor: Redacts, asked: Sequence[Question] = ()) -> list[Answer]:
    """The answers, redacted in one go; within one answer one value gets one token. One that is withheld becomes an error.

    `asked`: the question of each. A token that stands in it is given to no other value: so a value that the answer repeats and
    one that it brings can be told apart.
    """
    from goldworks.redaction import Document

    found = [*answers]
    spoken = [index for index, answer in enumerate(answers) if _says_something(answer)]
    known = [_tokens(question) for question in asked] if asked else [()] * len(answers)
    documents = [Document(answers[index].case_id, _fields(answers[index]), (), known[index]) for index in spoken]
    for index, document in zip(spoken, redactor.redact(documents) if documents else (), strict=True):
        found[index] = _after(answers[index], document.fields)
    return found


def _says_something(answer: Answer) -> bool:
    return answer.text is not None or bool(answer.tool_calls) or answer.outcome is not None


def _tokens(question: Question) -> tuple[Any, ...]:
    """The tokens of a question, as a field that is redacted already; nothing when there are none."""
    from goldworks.redaction import Field

    found = _TOKEN.findall(msgspec.json.encode([question.messages, question.passages]))
    return (Field("question", "user", "text", b" ".join(found).decode(), is_prose=False),) if found else ()


def _fields(answer: Answer) -> tuple[Any, ...]:
    from goldworks.redaction import Field

    text = in_small_letters(answer.text)
    fields = [Field("answer", "assistant", "text", text)] if text is not None else []
    if answer.tool_calls:
        calls = [{"id": None, **msgspec.to_builtins(call)} for call in answer.tool_calls]
        fields.append(Field("answer", "assistant", "tool_calls", in_small_letters(calls)))
    if answer.outcome is not None:
        fields.append(Field("answer", "assistant", "outcome", in_small_letters(msgspec.to_builtins(answer.outcome))))
    return tuple(fields)


def _after(answer: Answer, fields: Sequence[Any]) -> Answer:
    done = {field.name: field for field in fields}
    if any(field.is_withheld for field in fields):
        return Answer(answer.case_id, answer.repeat, "error", "withheld", attempts=answer.attempts, cluster_id=answer.cluster_id)
    changes: dict[str, Any] = {"text": done["text"].value if "text" in done else None}
    if answer.tool_calls:
        changes["tool_calls"] = tuple(msgspec.convert(call, Call) for call in done["tool_calls"].value)
    if answer.outcome is not None:
        changes["outcome"] = msgspec.convert(done["outcome"].value, Outcome)
    return msgspec.structs.replace(answer, **changes)
