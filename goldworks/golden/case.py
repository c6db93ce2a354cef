"""What a golden case is: its types, its row in the tables, and its digest. No reading or writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

import msgspec
import orjson

from goldworks.digests import canonical, keyed_digest

Comparator = Literal["exact", "casefold", "number", "contains", "set", "regex", "allowed", "any"]
Origin = Literal["production", "authored", "red_team"]


class Strict(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of what people write: unknown keys are refused, and what is not set is not written."""


class CaseCall(Strict, frozen=True):
    """A tool call of an input message."""

    name: str
    arguments: Any = None
    id: str | None = None


class CaseMessage(Strict, frozen=True):
    """An input message."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str | None = None
    tool_calls: tuple[CaseCall, ...] = ()
    tool_call_id: str | None = None
    tool_result: Any = None


class CasePassage(Strict, frozen=True):
    """A passage that the answer may rest on. `turn`: the 0-based turn it was retrieved in, in a case of a whole conversation."""

    id: str | None = None
    text: str | None = None
    turn: int | None = None


class CaseTool(Strict, frozen=True):
    """A tool the assistant may call. `parameters` is its JSON schema, None when only the name is known."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None


class ExpectedCall(Strict, frozen=True):
    """A call that is expected. An argument without a comparator is compared exactly."""

    name: str
    arguments: dict[str, Any] = {}
    comparators: dict[str, Comparator] = {}


class Instruction(Strict, frozen=True):
    """An instruction that a program can check, such as `punctuation:no_comma`, with its settings."""

    kind: str
    settings: dict[str, Any] = {}


class Attack(Strict, frozen=True):
    """What an attack wants, so that a program can decide whether it got it.

    `technique` is the generator's name, `seed` the text or case it was made from; `canary` a token that no outbound channel may
    carry; `forbidden_tools` are not to be called; `owasp` and `atlas` are ids of OWASP LLM Top 10 2025 and MITRE ATLAS.
    """

    technique: str
    canary: str | None = None
    forbidden_tools: tuple[str, ...] = ()
    owasp: tuple[str, ...] = ()
    atlas: tuple[str, ...] = ()
    seed: str | None = None


class Pair(Strict, frozen=True):
    """One side of a comparison of two wordings that should be treated alike: which pair, what differs, and which side."""

    id: str
    attribute: str
    variant: str


class Expected(Strict, frozen=True):
    """The expected outcome, as far as anybody has said. Several parts may be set; each scorer takes what it can use.

    - `reference`, `facts_required`, `facts_forbidden`, `rubric`: an answer in words; `label`: the class of a classification
    - `should_refuse`; `answerable`: whether the passages hold the answer; `relevant_passages`: ids of those that do
    - `tool_calls`, in the reference order; `forbidden_tools`; `state`: the environment afterwards; `may_change`: the only keys
      of the environment that may differ afterwards, as dotted paths
    - `instructions`, `json_schema`, `patterns`: what a program can check; a pattern is searched for in the answer
    - `attack`, `pair`: the case is one of them
    """

    reference: str | None = None
    facts_required: tuple[str, ...] = ()
    facts_forbidden: tuple[str, ...] = ()
    tool_calls: tuple[ExpectedCall, ...] = ()
    rubric: str | None = None
    should_refuse: bool = False
    label: str | None = None
    answerable: bool | None = None
    relevant_passages: tuple[str, ...] = ()
    forbidden_tools: tuple[str, ...] = ()
    state: Any = None
    may_change: tuple[str, ...] | None = None
    instructions: tuple[Instruction, ...] = ()
    json_schema: dict[str, Any] | None = None
    patterns: tuple[str, ...] = ()
    attack: Attack | None = None
    pair: Pair | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case. `parents` are the ids of the messages it was taken from, or of the cases it was made from."""

    case_id: str
    use_case: str
    tier: str
    origin: str
    intent: str | None = None
    tags: tuple[str, ...] = ()
    messages: tuple[CaseMessage, ...] = ()
    passages: tuple[CasePassage, ...] = ()
    tools: tuple[CaseTool, ...] = ()
    expected: Expected = Expected()
    parents: tuple[str, ...] = ()
    conversation_id: str | None = None
    source: str | None = None
    line: int | None = None
    trace_id: str | None = None
    release: str | None = None

    @property
    def cluster_id(self) -> str:
        """Unit of analysis: of an attack its template, of a side of a pair the pair, else the conversation, else the case.

        Attacks of one template, whatever cases they were made of, are not independent of each other.
        """
        attack, pair = self.expected.attack, self.expected.pair
        if attack is not None and attack.seed is not None:
            return f"{attack.technique}:{attack.seed}"
        return pair.id if pair is not None else self.conversation_id or self.case_id


JSON_FIELDS = ("messages", "passages", "tools", "expected")
LIST_FIELDS = ("tags", "parents")
WHERE_FOUND = ("source", "line")
"""Fields that say where the log line lay. They are no content: the same logs in other files give the same case."""

CONTENT = tuple(name for name in Case.__struct_fields__ if name not in WHERE_FOUND)


def row_of(case: Case) -> dict[str, Any]:
    """The columns of `goldworks.tables.golden.CASE`."""
    row: dict[str, Any] = {name: getattr(case, name) for name in Case.__struct_fields__}
    for name in JSON_FIELDS:
        row[name] = canonical(msgspec.to_builtins(row[name])).decode()
    for name in LIST_FIELDS:
        row[name] = list(row[name])
    return row


def plain(value: Any) -> Any:
    """A case or a part of it as JSON has it: dicts, lists and scalars."""
    return msgspec.json.decode(msgspec.json.encode(value))


def case_of(row: Mapping[str, Any]) -> Case:
    """The case in a row of `golden.candidates` or `golden.cases`; other columns are ignored."""
    values = {name: row[name] for name in Case.__struct_fields__}
    for name in JSON_FIELDS:
        values[name] = orjson.loads(values[name])
    return msgspec.convert(values, Case)


def case_digest(case: Case, key: bytes) -> str:
    """Keyed digest of the case's content (`CONTENT`), 32 hex digits. Equal content gives equal digests everywhere."""
    return keyed_digest(key, "case", canonical([msgspec.to_builtins(getattr(case, name)) for name in CONTENT]))


def production_id(key: bytes, conversation_id: str, trace_id: str) -> str:
    """Id of the case made from a turn."""
    return f"case-{keyed_digest(key, 'case_id', conversation_id, trace_id, size=8)}"


def authored_id(key: bytes, case: Case) -> str:
    """Id of a case that came without one: it follows from the use case and the input, and stays when these are edited."""
    content = canonical([msgspec.to_builtins(part) for part in (case.use_case, case.messages, case.passages, case.tools)])
    return f"case-{keyed_digest(key, 'case_id', content, size=8)}"


STRUCTS = (CaseCall, CaseMessage, CasePassage, CaseTool, ExpectedCall, Instruction, Attack, Pair, Expected)
FIELD_NAMES = frozenset(name for struct in STRUCTS for name in struct.__struct_fields__)
LONG_NUMBER = 100_000_000


def texts_of(case: Case) -> Iterator[tuple[str, str]]:
    """Every text of the case with where it stands, such as `messages.2.text` or `expected.reference`.

    All strings are given, with the keys of JSON objects and numbers of 9 and more digits: everything that could be personal.
    """
    for name in ("intent", "tags", *JSON_FIELDS):
        yield from _leaves(name, msgspec.to_builtins(getattr(case, name)))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= LONG_NUMBER:
        yield path, str(value)
    elif isinstance(value, Mapping):
        for number, (key, item) in enumerate(cast("Mapping[str, Any]", value).items()):
            if key in FIELD_NAMES:
                yield from _leaves(f"{path}.{key}", item)
            else:  # a key of free JSON may be personal itself, so the path counts instead of naming it
                yield f"{path}.key[{number}]", key
                yield from _leaves(f"{path}.value[{number}]", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _leaves(f"{path}.{index}", item)
