"""Target kind `recorded`: the answers that stand in the logs.

A question is answered by a turn of the wanted release, in the same use case, that had been given the same messages: user,
assistant and tool messages with their text, calls and results, redacted as they are stored; system messages and the ids of
calls do not count. A question with passages is answered by a turn that was given the same passages: an answer that rests on
others cannot be scored against these. The question's own turn comes first, else the one with the smallest trace id. A question
that no such turn answers is not covered by the target: it is left out of the run and counted, for nothing went wrong.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
import pyarrow as pa
import pyarrow.compute

from goldworks.digests import canonical, digest
from goldworks.evaluation.answers import Call, NoAnswer, Question, Reply
from goldworks.evaluation.questions import question_of
from goldworks.evaluation.targets.protocol import Limits, Session
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.policies import Policy

pc: Any = pyarrow.compute  # its functions are made at import, where no type checker sees them

COUNTED_ROLES = ("user", "assistant", "tool")
MESSAGE_COLUMNS = ("message_id", "parent_id", "role", "text", "tool_calls", "tool_result", "is_withheld")
TURN_COLUMNS = (
    "trace_id",
    "conversation_id",
    "release",
    "request_id",
    "reply_id",
    "latency_ms",
    "input_tokens",
    "output_tokens",
    "cost_usd",
)
Row = Mapping[str, Any]


class RecordedPolicy(Policy):
    """`expectations/targets/<name>.yml` of this kind. `release: null`: each case is answered by its own recorded turn."""

    kind: Literal["recorded"]
    release: str | None = None
    limits: Limits = Limits(concurrency=64)


class RecordedTarget:
    """The logs as a target."""

    kind = "recorded"
    is_redacted = True
    is_fixed = True

    def __init__(self, name: str, policy: RecordedPolicy) -> None:
        self.name = name
        self.limits = policy.limits
        self.release = policy.release

    def prepare(self, lake: Lake, cases: Sequence[Case]) -> FoundAnswers:
        """Find the answers of all cases at once."""
        return FoundAnswers(self.release, find_answers(lake, cases, self.release))


class FoundAnswers:
    """The recorded answers of a run's cases, by case."""

    def __init__(self, release: str | None, found: Mapping[str, Reply | NoAnswer]) -> None:
        self._release = release
        self._found = found

    def configuration(self) -> dict[str, Any]:
        """The release, and a digest of which turn answers which case: with new logs more cases may be covered."""
        turns = {case_id: reply.trace_id if isinstance(reply, Reply) else reply.error for case_id, reply in self._found.items()}
        return {"release": self._release, "answered": len(turns), "turns_digest": digest(turns)}

    @asynccontextmanager
    async def open(self, limits: Limits) -> AsyncGenerator[Session]:
        """A session over what was found."""
        yield self

    def covers(self, question: Question) -> bool:
        """Whether a turn was found."""
        return question.case_id in self._found

    async def ask(self, question: Question) -> Reply:
        """The recorded answer; `NoAnswer` when it is withheld."""
        found = self._found[question.case_id]
        if isinstance(found, NoAnswer):
            raise found
        return found


@dataclass(slots=True)
class Tree:
    """The messages of all questions as a tree: each path from the root is the beginning of some question."""

    steps: dict[tuple[int, bytes], int] = field(default_factory=dict[tuple[int, bytes], int])
    cases: dict[int, list[Question]] = field(default_factory=dict[int, list[Question]])

    def add(self, question: Question) -> None:
        """Add a question."""
        node = 0
        for message in question.messages:
            if message["role"] in COUNTED_ROLES:
                node = self.steps.setdefault((node, content_of(message)), len(self.steps) + 1)
        self.cases.setdefault(node, []).append(question)


def content_of(message: Row) -> bytes:
    """What is compared of a message."""
    calls = [[call["name"], call.get("arguments")] for call in message.get("tool_calls") or ()]
    return canonical([message["role"], message.get("text") or "", calls, message.get("tool_result")])


def find_answers(lake: Lake, cases: Sequence[Case], release: str | None) -> dict[str, Reply | NoAnswer]:
    """The recorded answer of each case that has one, by case id."""
    questions = [question_of(case) for case in cases]
    tree = Tree()
    for question in questions:
        tree.add(question)
    turns = _turns(lake, cases, release)
    conversations = _with_first_message(lake, pc.unique(turns.column("conversation_id")), questions)
    turns = turns.filter(pc.is_in(turns.column("conversation_id"), conversations))
    if not turns.num_rows:
        return {}
    where = [("conversation_id", "in", conversations.to_pylist()), ("role", "in", list(COUNTED_ROLES))]
    messages = {row["message_id"]: _decoded(row) for row in lake.rows("logs.messages", MESSAGE_COLUMNS, where)}
    given = _passages(lake, conversations) if any(question.passages for question in questions) else {}
    nodes: dict[str, int | None] = {}
    found: dict[str, tuple[bool, str, Row, list[Call]]] = {}
    for turn in turns.to_pylist():
        for node, calls in _ends(turn, messages, tree, nodes):
            for question in tree.cases.get(node, ()):
                is_own = question.trace_id == turn["trace_id"]
                best = found.get(question.case_id)
                if not is_own and (release is None or not _has_passages(question, given.get(turn["trace_id"], frozenset()))):
                    continue
                if best is None or (not is_own, turn["trace_id"]) < best[:2]:
                    found[question.case_id] = (not is_own, turn["trace_id"], turn, calls)
    return {case_id: _answer(turn, calls, messages) for case_id, (_, _, turn, calls) in found.items()}


def _turns(lake: Lake, cases: Sequence[Case], release: str | None) -> pa.Table:
    """Turns with a request and a reply that may answer: of the release, or the cases' own."""
    own = ("trace_id", "in", sorted({case.trace_id for case in cases if case.trace_id}))
    where: list[tuple[str, str, Any]] = [("has_chat", "=", True), own if release is None else ("release", "=", release)]
    turns = lake.read("logs.turns", TURN_COLUMNS, where)
    use_cases = sorted({case.use_case for case in cases})
    ids = lake.read("logs.conversations", ["conversation_id"], [("use_case", "in", use_cases)]).column(0)
    is_whole = pc.and_(pc.is_valid(turns.column("request_id")), pc.is_valid(turns.column("reply_id")))
    return turns.filter(pc.and_(is_whole, pc.is_in(turns.column("conversation_id"), ids.combine_chunks())))


def _with_first_message(lake: Lake, conversations: pa.Array, questions: Iterable[Question]) -> pa.Array:
    """Those conversations that begin with the text some question begins with: most can be left unread."""
    firsts = {next((m.get("text") or "" for m in q.messages if m["role"] in COUNTED_ROLES), "") for q in questions}
    where = [("message_index", "=", 0), ("role", "in", list(COUNTED_ROLES))]
    roots = lake.read("logs.messages", ["conversation_id", "text"], where)
    begins = pc.is_in(pc.fill_null(roots.column("text"), ""), pa.array(sorted(firsts), pa.string()))
    known = pc.is_in(roots.column("conversation_id"), conversations)
    return pc.unique(roots.filter(pc.and_(begins, known)).column("conversation_id"))


def _passages(lake: Lake, conversations: pa.Array) -> dict[str, frozenset[tuple[str, str]]]:
    """What each turn was given to rest its answer on: (id, text) of its passages."""
    where = [("conversation_id", "in", conversations.to_pylist()), ("role", "=", "retrieval")]
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for row in lake.rows("logs.messages", ["trace_id", "passages"], where):
        found[row["trace_id"]] = found.get(row["trace_id"], frozenset()) | _contents(row["passages"] or ())
    return found


def _contents(passages: Iterable[Row]) -> frozenset[tuple[str, str]]:
    return frozenset((passage.get("id") or "", passage.get("text") or "") for passage in passages)


def _has_passages(question: Question, given: frozenset[tuple[str, str]]) -> bool:
    return not question.passages or _contents(question.passages) == given


def _decoded(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("tool_calls", "tool_result"):
        if row[name] is not None:
            row[name] = orjson.loads(row[name])
    return row


def _ends(turn: Row, messages: Mapping[str, Row], tree: Tree, nodes: dict[str, int | None]) -> list[tuple[int, list[Call]]]:
    """Where the turn's messages end in the tree: at its request, and at the last user message before it.

    With each the calls that were made after it, before the reply: a question that ends with the user's message is answered by
    the whole turn with its calls, one that ends with a tool's result by the reply alone.
    """
    path: list[str] = []
    here: str | None = turn["request_id"]
    while here is not None and here in messages:
        path.append(here)
        here = messages[here]["parent_id"]
    if here is not None:  # a message is missing: the beginning is not known
        return []
    for message_id in reversed(path):
        if message_id not in nodes:
            parent = messages[message_id]["parent_id"]
            before = 0 if parent is None else nodes[parent]
            nodes[message_id] = None if before is None else tree.steps.get((before, content_of(messages[message_id])))
    found: list[tuple[int, list[Call]]] = []
    calls: list[Call] = []
    for position, message_id in enumerate(path):
        node, message = nodes[message_id], messages[message_id]
        if node is not None and (position == 0 or message["role"] == "user"):
            found.append((node, list(reversed(calls))))
        if message["role"] == "user":
            break
        calls.extend(reversed(_calls(message)))
    return found


def _calls(message: Row) -> list[Call]:
    return [Call(call["name"], call.get("arguments")) for call in message.get("tool_calls") or ()]


def _answer(turn: Row, calls: Sequence[Call], messages: Mapping[str, Row]) -> Reply | NoAnswer:
    reply = messages.get(turn["reply_id"])
    if reply is None or reply["is_withheld"]:
        return NoAnswer("withheld" if reply is not None else "reply_not_stored")
    return Reply(
        text=reply["text"],
        tool_calls=(*calls, *_calls(reply)),
        input_tokens=turn["input_tokens"],
        output_tokens=turn["output_tokens"],
        cost_usd=turn["cost_usd"],
        latency_ms=turn["latency_ms"],
        conversation_id=turn["conversation_id"],
        trace_id=turn["trace_id"],
    )
