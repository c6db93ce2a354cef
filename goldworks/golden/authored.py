"""What people write of a case, and the case it becomes. How it is written, as YAML or CSV, does not matter here.

A key that is not given leaves a known case as it is there; one that is given replaces it as a whole. So an expected outcome may
be given alone. Where a production case comes from is not changed by writing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from goldworks.golden.case import (
    LIST_FIELDS,
    WHERE_FOUND,
    Case,
    CaseMessage,
    CasePassage,
    CaseTool,
    Expected,
    ExpectedCall,
    Origin,
    Strict,
    authored_id,
    plain,
)
from goldworks.use_cases import PLAIN_NAME, Tier, UseCase

LINEAGE = ("parents", "conversation_id", "source", "line", "trace_id", "release")
INPUT_ENDS_WITH = ("user", "tool")

CaseId = Annotated[str, Meta(pattern=PLAIN_NAME)]


class Refused(Exception):
    """Why a case cannot be used; the text quotes nothing of it."""


class Authored(Strict, frozen=True, kw_only=True):
    """A case as people write it. `question` is short for messages that are one user's text."""

    case_id: CaseId | UnsetType = UNSET
    use_case: str
    tier: Tier | UnsetType = UNSET
    origin: Origin | UnsetType = UNSET
    intent: str | UnsetType | None = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    question: str | UnsetType = UNSET
    messages: tuple[CaseMessage, ...] | UnsetType = UNSET
    passages: tuple[CasePassage, ...] | UnsetType = UNSET
    tools: tuple[CaseTool, ...] | UnsetType = UNSET
    expected: Expected | UnsetType = UNSET
    release: str | UnsetType | None = UNSET
    conversation_id: str | UnsetType | None = UNSET
    trace_id: str | UnsetType | None = UNSET
    source: str | UnsetType | None = UNSET
    line: int | UnsetType | None = UNSET
    parents: tuple[str, ...] | UnsetType = UNSET


KEYS = Authored.__struct_fields__
EXPECTED_KEYS = Expected.__struct_fields__
EMPTY_LISTS = (*LIST_FIELDS, "passages", "tools")


def written(case: Case) -> dict[str, Any]:
    """The case as people write it: every key that may be changed, and where it comes from as far as that is known."""
    found: dict[str, Any] = plain({name: getattr(case, name) for name in KEYS if name != "question"})
    alone = case.messages[0] if len(case.messages) == 1 else None
    if alone is not None and alone.text and alone == CaseMessage(role="user", text=alone.text):
        found["question"] = alone.text
        del found["messages"]
    unknown = [name for name in LINEAGE if found[name] in (None, [])]
    return {name: found[name] for name in KEYS if name in found and name not in unknown}


def read_authored(data: Mapping[str, Any]) -> Authored:
    """Plain data as `Authored`, strictly typed. A key with nothing in it is empty. Raises `Refused`."""
    values = {name: value for name, value in data.items() if value is not None or name in (*LINEAGE, "intent")}
    values |= {name: [] for name in EMPTY_LISTS if name in data and data[name] is None}
    if "expected" in data:
        given = data["expected"] or {}
        is_mapping = isinstance(given, Mapping)
        values["expected"] = {k: v for k, v in given.items() if v not in (None, "")} if is_mapping else given
    try:
        return msgspec.convert(values, Authored)
    except msgspec.ValidationError as error:
        raise Refused(_explain(error)) from None


def to_case(authored: Authored, known: Case | None, use_case: UseCase, key: bytes) -> Case:
    """The case that `authored` makes of `known`, or a new one. Raises `Refused`."""
    case = known or Case(case_id="", use_case=use_case.name, tier=use_case.tier, origin="authored")
    given = {name: value for name in KEYS if (value := getattr(authored, name)) is not UNSET}
    question = given.pop("question", None)
    if question is not None:
        if "messages" in given:
            raise Refused("`question` and `messages` are both given; `question` is short for messages that are one user's text")
        given["messages"] = (CaseMessage(role="user", text=question),)
    if known is not None:
        _keep_lineage(known, given)
    if "intent" in given:
        given["intent"] = given["intent"] or None
    if "tags" in given:
        given["tags"] = tuple(sorted(set(given["tags"])))
    case = msgspec.structs.replace(case, **given)
    if not case.messages:
        raise Refused("it needs a `question`, or `messages`")
    roles = [message.role for message in case.messages]
    if roles[-1] not in INPUT_ENDS_WITH and not (roles[-1] == "assistant" and "user" in roles):
        raise Refused(
            "the last of its messages must be the user's or a tool's: the case asks for the assistant's next step; "
            "or the assistant's, of a whole conversation with messages of the user"
        )
    return case if case.case_id else msgspec.structs.replace(case, case_id=authored_id(key, case))


def _keep_lineage(known: Case, given: dict[str, Any]) -> None:
    if given.get("use_case", known.use_case) != known.use_case:
        raise Refused(f"the case {known.case_id} belongs to the use case {known.use_case}")
    is_production = "production" in (known.origin, given.get("origin"))
    for name in (*LINEAGE, "origin") if is_production else ():
        value = given.pop(name, getattr(known, name))
        if value != getattr(known, name) and name not in WHERE_FOUND:
            raise Refused(f"`{name}` of a known case cannot be changed: it says where the case comes from")


ENUM = re.compile(r"Invalid enum value .* - at `([^`]*)`$", re.DOTALL)
UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`(?: - at `([^`]*)`)?$", re.DOTALL)
PLAIN_KEY = re.compile(r"[a-z_]{1,40}$")
CHOICES = {
    "tier": "T1, T2 or T3",
    "origin": "production, authored or red_team",
    "role": "system, user, assistant or tool",
    "comparators": "exact, casefold, number, contains, set, regex, allowed or any",
}
ALL_KEYS = sorted(
    {
        name
        for struct in (Authored, Expected, CaseMessage, CasePassage, CaseTool, ExpectedCall)
        for name in struct.__struct_fields__
    }
)


def _explain(error: msgspec.ValidationError) -> str:
    """The error without the values it quotes: they may be personal."""
    text = str(error)
    if found := ENUM.match(text):
        place = found[1].removeprefix("$.")
        choices = next((allowed for name, allowed in CHOICES.items() if name in place), "another value")
        return f"{place}: must be {choices}"
    if found := UNKNOWN.match(text):
        where = f" in {found[2].removeprefix('$.')}" if found[2] else ""
        if not PLAIN_KEY.match(found[1]):
            return f"an unknown key{where}"
        near = difflib.get_close_matches(found[1], ALL_KEYS, n=1)
        return f"unknown key {found[1]!r}{where}" + (f"; did you mean {near[0]!r}?" if near else "")
    return re.sub(r" - at `\$\.?([^`]*)`$", lambda found: f" at {found[1]}" if found[1] else "", text).replace("`", "")
