"""Redaction of what people write: nothing of it is stored before it went through here.

A case is one document to the redactor. Parts that are as they were in the stored case, redacted already, are given as such, with
the values known of its conversation: so a name that the user had said gets its old token in a reference answer too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from goldworks.golden.case import Case, plain, texts_of
from goldworks.lake import Lake
from goldworks.redaction.records import Document, Field, Known, Leak, RedactedDocument

Path = tuple[str | int, ...]
PROSE_ROLES = ("user", "assistant", "tool")
"""Messages in which names are looked for; passages and system messages are our own, as in the intake."""


class Redactor(Protocol):
    """The parts of a redactor that writing cases needs."""

    def redact(self, documents: Sequence[Document]) -> Sequence[RedactedDocument]:
        """The documents, redacted, in their order."""
        ...

    def find_leaks(self, texts: list[str]) -> Sequence[Leak]:
        """What is recognised in the texts."""
        ...


def redact_cases(
    lake: Lake, cases: Sequence[Case], known: Mapping[str, Case], redactor: Redactor
) -> list[tuple[Case, str | None]]:
    """Each case redacted, in order, with None; or, with the reason, a case that cannot be.

    `known`: stored cases by id, redacted already. Ids and names are not rewritten, so a new one that holds personal data is a
    reason to refuse the case.
    """
    values = _known_values(lake, [case.conversation_id for case in cases if case.conversation_id])
    parts = [dict(_parts(case)) for case in cases]
    old = [dict(_parts(known[case.case_id])) if case.case_id in known else {} for case in cases]
    documents: list[Document] = []
    for case, new, stored in zip(cases, parts, old, strict=True):
        fields = tuple(field for path, field in new.items() if stored.get(path) != field)
        same = tuple(field for path, field in new.items() if stored.get(path) == field)
        conversation = case.conversation_id or case.case_id
        documents.append(Document(conversation, fields, values.get(conversation, ()), same))
    reasons = _personal_ids(cases, known, redactor)
    redacted = redactor.redact(documents)
    return [
        _put_back(case, new, done) if reason is None else (case, reason)
        for case, new, done, reason in zip(cases, parts, redacted, reasons, strict=True)
    ]


def redact_again(cases: Sequence[Case], values: Sequence[Sequence[Known]], redactor: Redactor) -> list[Case | None]:
    """Stored cases without values that are known only now, in order; None for a case that cannot be redacted.

    `values`: what is known of each case. Names are not looked for anew: nothing but these values shall change.
    """
    parts = [{path: msgspec.structs.replace(field, is_prose=False) for path, field in _parts(case)} for case in cases]
    documents = [
        Document(case.conversation_id or case.case_id, tuple(fields.values()), tuple(known))
        for case, fields, known in zip(cases, parts, values, strict=True)
    ]
    redacted = redactor.redact(documents)
    put_back = (_put_back(case, fields, done) for case, fields, done in zip(cases, parts, redacted, strict=True))
    return [case if reason is None else None for case, reason in put_back]


def _parts(case: Case) -> Iterator[tuple[Path, Field]]:
    """The parts of a case that may hold personal data, as fields of a document, by where they stand."""
    for index, message in enumerate(case.messages):
        is_prose = message.role in PROSE_ROLES
        for name in ("text", "tool_calls", "tool_result"):
            value = getattr(message, name)
            if value not in (None, ()):
                yield _part(("messages", index, name), message.role, name, value, is_prose)
    for index, passage in enumerate(case.passages):
        if passage.text:
            yield _part(("passages", index, "text"), "retrieval", "text", passage.text, False)
    for index, tool in enumerate(case.tools):
        if tool.description:
            yield _part(("tools", index, "description"), "system", "text", tool.description, False)
        if tool.parameters:
            yield _part(("tools", index, "parameters"), "system", "tool_result", tool.parameters, False)
    expected = case.expected
    for name in ("reference", "rubric"):
        if getattr(expected, name):
            yield _part(("expected", name), "assistant", "text", getattr(expected, name), True)
    for name in ("facts_required", "facts_forbidden"):
        for index, fact in enumerate(getattr(expected, name)):
            yield _part(("expected", name, index), "assistant", "text", fact, True)
    for index, call in enumerate(expected.tool_calls):
        yield _part(("expected", "tool_calls", index, "arguments"), "assistant", "tool_calls", [_call(call)], True)
    if expected.state is not None:
        yield _part(("expected", "state"), "tool", "tool_result", expected.state, True)
    if case.intent:
        yield _part(("intent",), "system", "text", case.intent, False)
    for index, tag in enumerate(case.tags):
        yield _part(("tags", index), "system", "text", tag, False)


def _part(path: Path, role: str, name: str, value: Any, is_prose: bool) -> tuple[Path, Field]:
    calls = [_call(call) for call in value] if name == "tool_calls" and isinstance(value, tuple) else value
    return path, Field("/".join(map(str, path)), role, name, calls, is_prose)


def _call(call: Any) -> dict[str, Any]:
    return {"id": getattr(call, "id", None), "name": call.name, "arguments": call.arguments}


def _put_back(case: Case, parts: Mapping[Path, Field], done: RedactedDocument) -> tuple[Case, str | None]:
    rebuilt: dict[str, Any] = plain(case)
    path_of = {field.owner: path for path, field in parts.items()}
    for field in (*done.fields, *done.rewritten):
        path = path_of[field.owner]
        if field.is_withheld:
            return case, f"{'.'.join(map(str, path))}: could not be redacted"
        value = field.value[0]["arguments"] if path[0] == "expected" and path[-1] == "arguments" else field.value
        _set(rebuilt, path, value)
    rebuilt["tags"] = sorted(set(rebuilt["tags"]))
    return msgspec.convert(rebuilt, Case), None


def _set(value: Any, path: Path, new: Any) -> None:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new


def _personal_ids(cases: Sequence[Case], known: Mapping[str, Case], redactor: Redactor) -> list[str | None]:
    """For each case the first id or name in it that the redactor recognises as personal, else None."""
    found: list[tuple[int, str, str]] = []
    for index, case in enumerate(cases):
        stored = {text for _, text in _ids(known[case.case_id])} if case.case_id in known else set[str]()
        found += ((index, place, text) for place, text in _ids(case) if text not in stored)
    reasons: list[str | None] = [None] * len(cases)
    for leak in redactor.find_leaks([text for _, _, text in found]):
        index, place, _ = found[leak.index]
        reasons[index] = reasons[index] or f"{place}: holds what looks like {leak.type}; name it otherwise"
    return reasons


def _ids(case: Case) -> Iterator[tuple[str, str]]:
    """Texts of a case that are stored as they are, with where they stand."""
    for name in ("case_id", "conversation_id", "trace_id", "source", "release"):
        if value := getattr(case, name):
            yield name, value
    yield from (("parents", parent) for parent in case.parents)
    parts = tuple(".".join(map(str, path)) for path, _ in _parts(case))
    below = tuple(f"{part}." for part in parts)
    yield from ((place, text) for place, text in texts_of(case) if place not in parts and not place.startswith(below))


def _known_values(lake: Lake, conversations: Sequence[str]) -> dict[str, tuple[Known, ...]]:
    """Values recognised in each conversation, of which only tokens and hashes are kept."""
    if not conversations:
        return {}
    columns = ["conversation_id", "token", "type", "value_hash", "variant_hashes", "variant_words"]
    by_hash: dict[str, dict[str, Known]] = {}
    for row in lake.rows("logs.entities", columns, [("conversation_id", "in", sorted(set(conversations)))]):
        value = Known(row["token"], row["type"], row["value_hash"], tuple(row["variant_hashes"]), row["variant_words"])
        by_hash.setdefault(row["conversation_id"], {})[row["value_hash"]] = value
    return {conversation: tuple(found[one] for one in sorted(found)) for conversation, found in by_hash.items()}
