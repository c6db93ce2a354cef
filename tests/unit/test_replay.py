"""Replay of recorded conversations: turn by turn, tools from the recording, divergences noted and sent nowhere."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scored_by_hand import answer, case, scored, value

from goldworks.demo import orders
from goldworks.demo.shop import TOOLS
from goldworks.errors import InputError, PolicyError
from goldworks.evaluation.answers import Answer, Call, NoAnswer, Outcome, Question, Reply
from goldworks.evaluation.budget import Expected
from goldworks.evaluation.questions import question_of
from goldworks.evaluation.run import run
from goldworks.evaluation.scorers.conversation_turns import NOT_RECORDED, Cassette, Recording, turn_numbers
from goldworks.evaluation.scorers.divergence import diverging, is_too_far
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import load_target
from goldworks.evaluation.targets.callable_target import CallablePolicy, CallableTarget
from goldworks.evaluation.targets.replay import ReplayPolicy, ReplayTarget
from goldworks.evaluation.targets.replay_session import ReplaySession
from goldworks.golden.case import row_of
from goldworks.lake import Lake
from goldworks.redaction import RedactedDocument, RedactedField
from goldworks.settings import PROJECT_ROOT


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "text": text}


def says(text: str) -> dict[str, Any]:
    return {"role": "assistant", "text": text}


def called(*calls: tuple[str, dict[str, Any], Any], ids: str = "") -> list[dict[str, Any]]:
    """An assistant's calls and what the tools gave back; with ids the results stand the other way round."""
    made = [{"name": name, "arguments": args, **({"id": f"{ids}{i}"} if ids else {})} for i, (name, args, _) in enumerate(calls)]
    results = [
        {"role": "tool", "tool_result": result, **({"tool_call_id": f"{ids}{i}"} if ids else {})}
        for i, (_, _, result) in enumerate(calls)
    ]
    return [{"role": "assistant", "tool_calls": made}, *(reversed(results) if ids else results)]


RECORDED = [
    {"role": "system", "text": "You take orders."},
    user("a tent"),
    *called(("find", {"q": "tent"}, ["T-1"]), ("stock", {"sku": "T-1"}, {"left": 3.0}), ids="a"),
    says("We have 3."),
    user("take one"),
    *called(("order", {"sku": "T-1", "n": 1}, {"id": "O-9"})),
    says("Done: O-9."),
]


class Scripted:
    """A candidate that says what it is told to, and remembers what it was given."""

    def __init__(self, *replies: Reply | Exception) -> None:
        self._replies = list(replies)
        self.given: list[Question] = []

    def covers(self, question: Question) -> bool:
        return True

    async def ask(self, question: Question) -> Reply:
        self.given.append(question)
        said = self._replies.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


def replay(candidate: Scripted, messages=RECORDED, passages=(), **settings) -> Reply:
    question = question_of(case(*messages, passages=passages))
    return asyncio.run(ReplaySession(candidate, **settings).ask(question))


def calls(*made: Call, text: str | None = None) -> Reply:
    return Reply(text, made, input_tokens=10, latency_ms=5.0)


FIND, STOCK, ORDER = Call("find", {"q": "tent"}), Call("stock", {"sku": "T-1"}), Call("order", {"n": 1.0, "sku": "T-1"})


def test_each_turn_is_asked_with_what_was_recorded_before_and_calls_get_recorded_results():
    candidate = Scripted(calls(FIND), calls(STOCK), Reply("Three."), calls(ORDER), Reply("Ordered."))
    reply = replay(candidate)
    assert reply.outcome == Outcome(turns=("Three.", "Ordered."))
    assert reply.text == "Ordered."
    assert [(call.name, call.result, call.turn) for call in reply.tool_calls] == [
        ("find", ["T-1"], 0), ("stock", {"left": 3.0}, 0), ("order", {"id": "O-9"}, 1),
    ]  # fmt: skip
    assert (reply.input_tokens, reply.latency_ms, reply.attempts, reply.output_tokens) == (30, 15.0, 5, None)
    first, second, *_ = (question.messages for question in candidate.given)
    assert [message["role"] for message in first] == ["system", "user"]
    assert second[-2:] == (
        {"role": "assistant", "tool_calls": [{"id": "replay_0_0_0", "name": "find", "arguments": {"q": "tent"}}]},
        {"role": "tool", "tool_call_id": "replay_0_0_0", "tool_result": ["T-1"]},
    )
    given = candidate.given[3].messages
    assert [(m["role"], m.get("text"), m.get("tool_result")) for m in given] == [
        (m["role"], m.get("text"), m.get("tool_result")) for m in RECORDED[:7]
    ]


def test_a_call_that_was_not_recorded_is_noted_and_ends_the_turn():
    candidate = Scripted(calls(FIND, Call("find", {"q": "kayak"}), text="Looking."), calls(ORDER), Reply("Ordered."))
    reply = replay(candidate)
    assert reply.outcome == Outcome(turns=("Looking.", "Ordered."), divergences=("find",))
    assert [call.result for call in reply.tool_calls] == [["T-1"], None, {"id": "O-9"}]
    assert len(candidate.given) == 3


def test_with_its_own_history_a_divergence_ends_the_conversation():
    candidate = Scripted(calls(FIND), Reply("One tent."), Reply("Which?"))
    reply = replay(candidate, history="own")
    assert reply.outcome == Outcome(turns=("One tent.", "Which?"))
    assert [message.get("text") for message in candidate.given[2].messages] == [
        "You take orders.", "a tent", None, None, "One tent.", "take one",
    ]  # fmt: skip
    ended = replay(Scripted(calls(Call("hack", {}))), history="own")
    assert ended.outcome == Outcome(turns=(None,), divergences=("hack",))


def test_a_candidate_that_goes_on_calling_is_stopped():
    reply = replay(Scripted(calls(FIND), calls(FIND), Reply("ok")), most_steps=2)
    assert reply.outcome is not None
    assert reply.outcome.turns == (None, "ok")
    assert [call.turn for call in reply.tool_calls] == [0, 0]


def test_an_error_of_the_candidate_is_an_error_of_the_conversation():
    with pytest.raises(NoAnswer, match="timeout") as failure:
        replay(Scripted(calls(FIND), NoAnswer("timeout", attempts=3)))
    assert failure.value.attempts == 4


def test_each_turn_sees_the_passages_that_were_retrieved_in_it():
    candidate = Scripted(Reply("a"), Reply("b"))
    passages = [{"id": "all", "text": "x"}, {"id": "first", "text": "y", "turn": 0}, {"id": "second", "text": "z", "turn": 1}]
    replay(candidate, passages=passages)
    assert [[p["id"] for p in question.passages] for question in candidate.given] == [["all", "first"], ["all", "second"]]


def test_turns_and_recorded_results():
    assert turn_numbers(["system", "user", "user", "assistant", "tool", "user"]) == [-1, 0, 0, 0, 0, 1]
    again = [user("x"), *called(("t", {}, 1), ("t", {}, 2)), user("y"), *called(("t", {}, 3), ("u", None, "text"))]
    cassette = Cassette(Recording(again))
    t = Call("t")
    assert [cassette.result(t, 0) for _ in range(3)] == [1, 2, 2]
    assert [cassette.result(t, turn) for turn in (1, 1, 2)] == [3, 3, 3]
    assert cassette.result(Call("u", {}), 0) == "text"
    assert cassette.result(Call("t", {"a": 1}), 0) is NOT_RECORDED
    unanswered = Recording([user("x"), {"role": "assistant", "tool_calls": [{"name": "t"}]}])
    assert Cassette(unanswered).result(t, 0) is NOT_RECORDED


def test_divergence_scores():
    of = case(*RECORDED)
    made = answer(FIND, Call("find", {"q": "kayak"}), ORDER, outcome=Outcome(turns=("a", "b"), divergences=("find",)))
    assert value("divergence", of, made) == 0
    assert value("divergence", of, made, measure="made") == pytest.approx(2 / 3)
    found = scored("divergence", of, made, measure="recorded")
    assert (found.value, found.detail) == (
        pytest.approx(2 / 3),
        "2 of 3 calls recorded | find() 1/1; order() 1/1; stock() 0/1",
    )
    none = answer(outcome=Outcome(turns=("a",)))
    assert value("divergence", of, none) == 1
    assert scored("divergence", of, none, measure="made").reason == NOT_APPLICABLE
    assert scored("divergence", of, answer(FIND)).reason == NOT_APPLICABLE


def test_a_run_in_which_too_many_diverge_is_told():
    kept, left = (Answer("c", 0, outcome=Outcome(turns=("a",), divergences=found)) for found in ((), ("t",)))
    assert diverging([kept, kept, left, Answer("d", 0), Answer("e", 0, "error")]) == (1, 3)
    assert is_too_far(1, 2)
    assert not is_too_far(1, 5)
    assert is_too_far(1, 5, most_rate=0.1)
    assert not is_too_far(0, 0)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **settings: Any) -> None:
        raise AssertionError("a connection was opened")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def order_agent(release: str) -> ReplayTarget:
    function = f"goldworks.demo.orders:answer_v{release.replace('.', '_')}"
    return ReplayTarget(
        "agent", ReplayPolicy.model_validate({"kind": "replay", "candidate": {"kind": "callable", "function": function}})
    )


def played(target: ReplayTarget, messages: list[dict[str, Any]]) -> Reply:
    async def ask() -> Reply:
        async with target.open(target.limits) as session:
            return await session.ask(question_of(case(*messages)))

    return asyncio.run(ask())


def sample_conversation(release: str) -> list[dict[str, Any]]:
    """A conversation with the sample's order agent, as its release answered it."""
    messages: list[dict[str, Any]] = [{"role": "system", "text": orders.SYSTEM}]
    for text in ("How much is the Fjord drysuit?", "Please cancel order HO-12345."):
        messages.append(user(text))
        done = orders.act(messages, release)
        for call, result in done.calls:
            messages += called((call.name, dict(call.arguments), result))
        messages.append(says(done.text))
    return messages


@pytest.mark.usefixtures("no_network")
def test_the_sample_s_order_agent_is_replayed_without_a_network():
    recorded = sample_conversation("1.0")
    same = played(order_agent("1.0"), recorded)
    assert same.outcome is not None
    assert same.outcome.divergences == ()
    assert same.outcome.turns == tuple(m["text"] for m in recorded if m["role"] == "assistant" and "text" in m)
    assert same.outcome.state == {"orders": [], "cancelled": ["HO-12345"]}
    mended = played(order_agent("1.1"), recorded)
    assert mended.outcome is not None
    assert mended.outcome.divergences == ("track_order",)
    assert mended.outcome.state == {"orders": [], "cancelled": []}
    assert "source_digest" in order_agent("1.0").configuration()["candidate"]


def test_a_function_has_no_base_url():
    with pytest.raises(InputError, match="no base URL"):
        order_agent("1.0").at_url("http://127.0.0.1:1")


DAY = PROJECT_ROOT.parent / "shared" / "data" / "logs" / "otlp" / "2026-09-22.jsonl.gz"


class Replayer:
    """A candidate that does at each step what was recorded after the same messages; with `swapped`, one argument otherwise."""

    def __init__(self, messages: list[dict[str, Any]], swapped: int | None = None) -> None:
        self._recorded = messages
        self._swapped = swapped
        self._calls = 0

    def covers(self, question: Question) -> bool:
        return True

    async def ask(self, question: Question) -> Reply:
        message = self._recorded[len(question.messages)]
        return Reply(message.get("text"), tuple(self._call(call) for call in message.get("tool_calls", ())))

    def _call(self, call: dict[str, Any]) -> Call:
        self._calls += 1
        other = {"invented": True} if self._calls == self._swapped else {}
        return Call(call["name"], {**call["arguments"], **other})


@pytest.mark.skipif(not DAY.is_file(), reason="the development logs are not here: no real conversation was replayed")
def test_real_conversations_of_a_booking_agent_are_replayed_without_a_network(no_network: None):
    from benchmarks.tool_turns import whole_conversations

    played = 0
    for _, messages in whole_conversations(DAY, "booking-agent"):
        recorded = Recording(messages)
        if not recorded.calls or any(call.result is NOT_RECORDED for call in recorded.calls):
            continue
        played += 1
        question = question_of(case(*messages))
        plain = [dict(message) for message in question.messages]
        reply = asyncio.run(ReplaySession(Replayer(plain)).ask(question))
        assert reply.outcome is not None
        assert reply.outcome.divergences == ()
        assert len(reply.outcome.turns) == len(recorded.turns)
        assert [(call.name, call.result, call.turn) for call in reply.tool_calls] == [
            (call.name, call.result, call.turn) for call in recorded.calls
        ]
        swapped = asyncio.run(ReplaySession(Replayer(plain, swapped=1), history="own").ask(question))
        assert swapped.outcome is not None
        assert swapped.outcome.divergences == (recorded.calls[0].name,)
        assert len(swapped.outcome.turns) == recorded.calls[0].turn + 1
    assert played > 20


def write_target(folder: Path, text: str) -> Path:
    path = folder / "booking.yml"
    path.write_text(text)
    return path


ENDPOINT = """
kind: replay
candidate:
  kind: openai_chat
  base_url: http://127.0.0.1:9/v1
  model: m
  max_tokens: 10
  limits: {concurrency: 3}
"""


def test_a_target_file_names_its_candidate(tmp_path: Path):
    target = load_target(write_target(tmp_path, ENDPOINT), base_url="http://127.0.0.1:10/v1")
    assert isinstance(target, ReplayTarget)
    assert (target.kind, target.model, target.limits.concurrency, target.is_fixed) == ("replay", "m", 3, False)
    assert target.configuration()["candidate"]["kind"] == "openai_chat"
    moved = load_target(write_target(tmp_path, ENDPOINT))
    assert isinstance(moved, ReplayTarget)
    assert target.configuration() == moved.configuration()
    assert target.configuration()["most_diverging_rate"] == 0.2
    expected = Expected.of(target, 1, [question_of(case(*RECORDED))])
    assert expected.output_tokens == 50  # asked once a turn and once a call
    assert (expected.input_tokens or 0) > 100
    assert Expected.of(order_agent("1.0"), 1, [question_of(case(*RECORDED))]) == Expected(1)
    other = ENDPOINT.replace("openai_chat", "recorded")
    with pytest.raises(PolicyError, match="candidate"):
        load_target(write_target(tmp_path, other))


def test_a_whole_conversation_is_refused_by_targets_that_would_answer_it():
    async def ask() -> Reply:
        target = CallableTarget("agent", CallablePolicy(kind="callable", function="goldworks.demo.orders:answer_v1_1"))
        async with target.open(target.limits) as session:
            return await session.ask(question_of(case(*RECORDED)))

    with pytest.raises(InputError, match=r"c1 holds a whole conversation[^\n]*\n.*kind replay"):
        asyncio.run(ask())


def write_conversations(lake: Lake) -> None:
    """A golden version of two recorded conversations with the order agent's release 1.0."""
    rows: list[dict[str, Any]] = []
    for number in range(2):
        of = case(*sample_conversation("1.0"), tools=TOOLS, state={"orders": [], "cancelled": []}, may_change=[])
        of = msgspec.structs.replace(of, case_id=f"c{number}", conversation_id=f"v{number}", use_case="orders")
        rows.append({**row_of(of), "version_id": "orders-1", "case_digest": f"d{number}"})
    lake.replace("golden.cases", rows, {"version_id": "orders-1"})
    now = datetime(2026, 11, 3, tzinfo=UTC)
    version = {"version_id": "orders-1", "use_case": "orders", "content_digest": "d", "parent_version_id": None, "cases": 2}
    times = {"approvers": ["a"], "owner": "o", "minted_at": now, "current_at": now, "is_tombstone": False}
    lake.upsert("golden.versions", [{**version, **times}])


class Unmasked:
    """A redactor that finds nothing."""

    def redact(self, documents: Any) -> Any:
        found = [(d, tuple(RedactedField(f.owner, f.name, f.value, ()) for f in d.fields)) for d in documents]
        return [RedactedDocument(d.conversation_id, fields) for d, fields in found]


def test_a_run_replays_the_conversations_of_a_version_and_scores_them(tmp_path: Path):
    lake = Lake(tmp_path)
    write_conversations(lake)
    suite = load_suite(PROJECT_ROOT / "expectations" / "suites" / "agent.yml")
    expected = {"1.0": (1.0, 0.0, 0.0), "1.1": (0.0, 1.0, 1.0)}
    for release, (undiverged, state, effects) in expected.items():
        done = run(lake, "orders-1", suite, order_agent(release), occasion=release, redactor=Unmasked())
        values = {name: estimate.value for name, estimate in done.estimates.items()}
        assert (values["replay_undiverged"], values["end_state"], values["no_side_effects"]) == (undiverged, state, effects)
        assert values["arguments_valid"] == values["arguments_grounded"] == 1
        assert (done.status, done.row["stopped"]) == (("inconclusive", "diverged") if release == "1.1" else ("complete", None))
