"""Recorded answers: found by the messages that were given, for the release that is asked about, and only then."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import orjson
import pytest

from goldworks.errors import InputError
from goldworks.evaluation.answers import Call, NoAnswer, Reply
from goldworks.evaluation.run import run
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import load_target
from goldworks.evaluation.targets.recorded import find_answers
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def blank(key: str, **values):
    """A row of a table with something in every required column."""
    filler = {"string": "x", "int64": 0, "bool": False, "double": 0.0, "timestamp[us, tz=UTC]": NOW}
    row = {c.name: filler.get(str(c.type), []) if not c.is_nullable else None for c in TABLES[key].columns}
    unknown = values.keys() - row.keys()
    assert not unknown, unknown
    return {**row, **values}


class Log:
    """Conversations as the intake would store them."""

    def __init__(self) -> None:
        self.turns, self.messages, self.conversations = [], [], []

    def add(self, conversation: str, release: str, *messages: dict, use_case: str = "shop", **turn):
        """A conversation of one turn whose last message is the reply."""
        parent = None
        for index, message in enumerate(messages):
            values = {**message}
            for name in ("tool_calls", "tool_result"):
                if name in values:
                    values[name] = orjson.dumps(values[name]).decode()
            message_id = f"{conversation}-{index}"
            is_system = message["role"] == "system"
            self.messages.append(
                blank(
                    "logs.messages",
                    arrived_on="2026-11-03",
                    conversation_id=conversation,
                    message_id=message_id,
                    parent_id=None if is_system else parent,
                    message_index=0 if is_system or parent is None else index,
                    trace_id=f"t-{conversation}",
                    **values,
                )
            )
            parent = parent if is_system else message_id
        last = len(messages) - 1
        values = {
            "arrived_on": "2026-11-03",
            "conversation_id": conversation,
            "trace_id": f"t-{conversation}",
            "release": release,
            "has_chat": True,
            "request_id": f"{conversation}-{last - 1}",
            "reply_id": f"{conversation}-{last}",
            **turn,
        }
        self.turns.append(blank("logs.turns", **values))
        self.conversations.append(blank("logs.conversations", conversation_id=conversation, use_case=use_case, release=release))

    def write(self, lake: Lake) -> None:
        for name in ("turns", "messages"):
            lake.replace(f"logs.{name}", getattr(self, name), {"arrived_on": "2026-11-03"})
        lake.replace("logs.conversations", self.conversations)


def user(text: str) -> dict:
    return {"role": "user", "text": text}


def says(text: str | None, *calls: dict) -> dict:
    return {"role": "assistant", "text": text, **({"tool_calls": list(calls)} if calls else {})}


def case(case_id: str, *messages: dict, **values) -> Case:
    plain = {"case_id": case_id, "use_case": "shop", "tier": "T2", "origin": "production", "messages": list(messages), **values}
    return msgspec.convert(plain, Case)


CALL = {"id": "call_7", "name": "find", "arguments": {"q": "shoes"}}
RESULT = {"role": "tool", "tool_call_id": "call_7", "tool_result": {"found": 2}}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    log = Log()
    system = {"role": "system", "text": "You are 1.0"}
    log.add("a", "1.0", system, user("Hello <PERSON_1>"), says("Hi from 1.0"), latency_ms=12.0, output_tokens=4)
    log.add("b", "2.0", {"role": "system", "text": "You are 2.0"}, user("Hello <PERSON_1>"), says("Hi from 2.0"))
    log.add("b2", "2.0", user("Hello <PERSON_1>"), says("Hi again from 2.0"))
    log.add("c", "2.0", user("Hello <PERSON_1>"), says("Elsewhere"), use_case="bank")
    log.add("d", "1.0", user("Shoes?"), says(None, CALL), RESULT, says("Two pairs."))
    log.add(
        "e", "2.0", user("Shoes?"), says(None, {**CALL, "id": "other"}), {**RESULT, "tool_call_id": "other"}, says("2 pairs.")
    )
    log.add("f", "2.0", user("Withheld?"), {**says("<WITHHELD:error>"), "is_withheld": True})
    log.add("g", "2.0", user("No reply?"), says("not reached"), reply_id=None)
    log.write(lake := Lake(tmp_path))
    return lake


HELLO = case(
    "hello", {"role": "system", "text": "another prompt"}, user("Hello <PERSON_1>"), trace_id="t-b2", conversation_id="b2"
)
SHOES = case("shoes", user("Shoes?"), trace_id="t-d", conversation_id="d")
AFTER = case("after", user("Shoes?"), says(None, CALL), RESULT, trace_id="t-d", conversation_id="d")
OTHER = case("other", user("Hello <PERSON_2>"))
WITHHELD, SILENT = case("withheld", user("Withheld?")), case("silent", user("No reply?"))


def test_answers_of_a_release_are_found_by_what_was_asked(lake):
    found = find_answers(lake, [HELLO, SHOES, AFTER, OTHER, SILENT], "1.0")
    assert found.keys() == {"hello", "shoes", "after"}
    assert found["hello"] == Reply("Hi from 1.0", (), None, 4, None, 12.0, 1, "a", "t-a")


def test_a_question_that_ends_with_the_user_gets_the_calls_of_the_turn(lake):
    found = find_answers(lake, [SHOES, AFTER], "2.0")
    assert (found["shoes"].text, found["shoes"].tool_calls) == ("2 pairs.", (Call("find", {"q": "shoes"}),))
    assert (found["after"].text, found["after"].tool_calls) == ("2 pairs.", ())


def test_its_own_turn_comes_first_then_the_smallest_trace(lake):
    assert find_answers(lake, [HELLO], "2.0")["hello"].text == "Hi again from 2.0"
    stranger = case("hello", user("Hello <PERSON_1>"))
    assert find_answers(lake, [stranger], "2.0")["hello"].text == "Hi from 2.0"


def test_without_a_release_each_case_is_answered_by_its_own_turn(lake):
    found = find_answers(lake, [HELLO, SHOES, OTHER], None)
    assert {name: reply.text for name, reply in found.items()} == {"hello": "Hi again from 2.0", "shoes": "Two pairs."}


def test_an_answer_that_rests_on_other_passages_does_not_answer(tmp_path):
    log = Log()
    for name, release, text in (("a", "1.0", "Free for 30 days."), ("b", "2.0", "Free for 30 days."), ("c", "3.0", "Not free.")):
        log.add(name, release, user("Returns?"), says(f"From {release}"))
        passages = [{"id": "p", "text": text, "score": None}]
        values = {
            "message_id": f"r-{name}",
            "trace_id": f"t-{name}",
            "role": "retrieval",
            "passages": passages,
            "message_index": 3,
        }
        log.messages.append(blank("logs.messages", arrived_on="2026-11-03", conversation_id=name, **values))
    log.write(lake := Lake(tmp_path))
    asked = case("k", user("Returns?"), passages=[{"id": "p", "text": "Free for 30 days."}], trace_id="t-a", conversation_id="a")
    assert find_answers(lake, [asked], "1.0")["k"].text == "From 1.0"
    assert find_answers(lake, [asked], "2.0")["k"].text == "From 2.0"
    assert find_answers(lake, [asked], "3.0") == {}
    without = case("k", user("Returns?"))
    assert find_answers(lake, [without], "3.0")["k"].text == "From 3.0"


def test_a_withheld_reply_is_missing_not_wrong(lake):
    found = find_answers(lake, [WITHHELD], "2.0")["withheld"]
    assert isinstance(found, NoAnswer)
    assert found.error == "withheld"


def test_nothing_in_the_lake_covers_nothing(tmp_path):
    assert find_answers(Lake(tmp_path), [HELLO], "1.0") == {}
    assert find_answers(Lake(tmp_path), [HELLO], None) == {}


def write_version(lake: Lake, *cases: Case) -> None:
    rows = []
    for item in cases:
        values = msgspec.to_builtins(item)
        texts = {name: orjson.dumps(values.get(name, [])).decode() for name in ("messages", "passages", "tools")}
        expected = orjson.dumps({"reference": "Two pairs."}).decode()
        plain = {
            name: values[name]
            for name in ("case_id", "use_case", "tier", "origin", "conversation_id", "trace_id")
            if name in values
        }
        rows.append(blank("golden.cases", version_id="v", **plain, **texts, expected=expected))
    lake.replace("golden.cases", rows, {"version_id": "v"})
    lake.upsert("golden.versions", [blank("golden.versions", version_id="v", use_case="shop")])


def test_a_run_counts_what_is_covered_and_more_logs_make_another_run(lake, tmp_path):
    write_version(lake, HELLO, SHOES, OTHER, WITHHELD)
    suite = load_suite(ROOT / "expectations" / "suites" / "chat.yml")
    path = ROOT / "expectations" / "targets" / "recorded.yml"
    result = run(lake, "v", suite, load_target(path, "2.0"), occasion="release:2.0", release="2.0")
    assert (result.row["cases"], result.row["answers"], result.row["missing"], result.not_covered) == (3, 2, 1, 1)
    assert result.row["target_kind"] == "recorded"
    first = run(lake, "v", suite, load_target(path, "1.0"), occasion="release:1.0", release="1.0")
    assert first.estimates["token_f1"].value == pytest.approx((1 + 0) / 2)
    assert not run(lake, "v", suite, load_target(path, "1.0"), occasion="release:1.0", release="1.0").is_new
    log = Log()
    log.add("z", "1.0", user("Hello <PERSON_2>"), says("Hi, two"))
    lake.replace("logs.turns", [*lake.rows("logs.turns"), *log.turns], {"arrived_on": "2026-11-03"})
    lake.replace("logs.messages", [*lake.rows("logs.messages"), *log.messages], {"arrived_on": "2026-11-03"})
    lake.replace("logs.conversations", [*lake.rows("logs.conversations"), *log.conversations])
    more = run(lake, "v", suite, load_target(path, "1.0"), occasion="release:1.0", release="1.0")
    assert (more.is_new, more.row["cases"]) == (True, 3)


def test_a_release_that_answers_nothing_has_no_numbers(lake):
    write_version(lake, HELLO)
    suite = load_suite(ROOT / "expectations" / "suites" / "chat.yml")
    result = run(lake, "v", suite, load_target(ROOT / "expectations" / "targets" / "recorded.yml", "9.9"), occasion="release:9.9")
    assert (result.row["cases"], result.not_covered) == (0, 1)
    assert {estimate.reason for estimate in result.estimates.values()} == {"n_zero"}


def test_repeats_of_a_recording_are_refused(lake):
    write_version(lake, HELLO)
    suite = load_suite(ROOT / "expectations" / "suites" / "chat.yml")
    target = load_target(ROOT / "expectations" / "targets" / "recorded.yml")
    with pytest.raises(InputError, match="same answer each time"):
        run(lake, "v", suite, target, occasion="o", repeats=2)


def test_a_session_answers_from_what_was_found(lake):
    from goldworks.evaluation.questions import question_of
    from goldworks.evaluation.targets.protocol import Limits

    prepared = load_target(ROOT / "expectations" / "targets" / "recorded.yml", "1.0").prepare(lake, [HELLO, OTHER])

    async def ask():
        async with prepared.open(Limits()) as session:
            assert not session.covers(question_of(OTHER))
            return await session.ask(question_of(HELLO))

    assert asyncio.run(ask()).text == "Hi from 1.0"


def test_one_of_many_turns_with_the_same_history_answers(tmp_path):
    log = Log()
    for number in range(3000):
        log.add(f"c{number}", f"r{number % 4}", user(f"q{number // 4 % 400}"), says("a"), user("more?"), says("b"))
    log.write(lake := Lake(tmp_path))
    cases = [case(f"k{number}", user(f"q{number}"), says("a"), user("more?")) for number in range(200)]
    found = find_answers(lake, cases, "r1")
    assert len(found) == 200
    assert found["k0"].trace_id == "t-c1"  # of the turns of r1 that were asked q0 the one with the smallest trace id
