"""Forgetting, place by place: conversations, users and values; late reveals; kills; who may not be disturbed."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from every_byte import where
from small_history import KEY, NICKNAME, PLACE, USE_CASES, forgetting, go_on, redactor, take_days, write_logs
from small_logs import SECRET, chat, text, write_log

from goldworks.access.audit_log import AuditLog
from goldworks.access.signing import Signer
from goldworks.errors import BusyError, GoldworksError, InputError
from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.journal import open_journal
from goldworks.evaluation.run import run
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import load_target
from goldworks.forgetting.asking import order_conversations, order_user, order_value, safe_reason
from goldworks.forgetting.carrying_out import Closed
from goldworks.forgetting.certificate import Certificates
from goldworks.forgetting.searching import search
from goldworks.forgetting.values import Sought, sought
from goldworks.golden.authoring import import_cases
from goldworks.golden.candidates import propose
from goldworks.golden.mint import mint
from goldworks.golden.read import latest_version, read_version, versions, what_remains
from goldworks.golden.register import read_candidates
from goldworks.golden.reviewing import approve
from goldworks.lake import Lake
from goldworks.orders import Order, Orders
from goldworks.settings import PROJECT_ROOT

EXPECTATIONS = PROJECT_ROOT / "expectations"
COUNTED = ("logs.turns", "logs.messages", "logs.entities", "logs.arrivals", "golden.candidates", "golden.cases", "evals.scores")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_logs(tmp_path / "logs")
    take_days(tmp_path / "home", tmp_path / "logs")
    go_on(tmp_path / "home")
    return tmp_path / "home"


def carry_out(home: Path, order: Order, value: Sought | None = None) -> Closed:
    desk = forgetting(home)
    with desk.alone():
        return desk.carry_out(order, verify=None if value is None else lambda: not search(desk.lake, value).is_anywhere)


def erase_value(home: Path, value: str) -> Closed:
    wanted = sought(value, {"EMAIL_ADDRESS", "PASSWORD"}, KEY)
    return carry_out(home, order_value(Lake(home), wanted, "p", None), wanted)


def traces(home: Path, conversation: str) -> list[str]:
    """Ids by which a conversation is recognised."""
    mine = [("conversation_id", "=", conversation)]
    turns = Lake(home).rows("logs.turns", ["trace_id"], mine)
    cases = Lake(home).rows("golden.cases", ["case_id"], mine)
    messages = Lake(home).rows("logs.messages", ["message_id"], mine)
    assert turns, "control: there is such a conversation"
    assert cases, "control: it is in a version"
    return [conversation, *(value for row in (*turns, *cases, *messages) for value in row.values())]


def left(home: Path, texts: list[str]) -> set[str]:
    """Files that hold any of the texts, certificates aside."""
    found = {path for paths in where(home, texts).values() for path in paths}
    return {path for path in found if not path.startswith(("certificates", "suppressed"))}


def state(home: Path) -> dict[str, list[str]]:
    lake = Lake(home)
    moment = {"proposed_at", "reviewed_at"}
    return {key: sorted(str({n: v for n, v in row.items() if n not in moment}) for row in lake.rows(key)) for key in COUNTED}


def test_a_conversation_goes_and_the_rest_stays(home: Path):
    gone = [*traces(home, "conv-d"), PLACE]
    assert left(home, gone), "control"
    lake = Lake(home)
    old = latest_version(lake, "shop")
    assert old is not None
    before = {key: lake.rows(key) for key in ("logs.messages", "evals.answers")}
    closed = carry_out(home, order_conversations(lake, ["conv-d"], "p", None))
    assert left(home, gone) == set()
    lake = Lake(home)
    new = what_remains(lake, old)
    assert closed.order.successors == {old: new}
    row = next(row for row in versions(lake) if row["version_id"] == new)
    assert (row["parent_version_id"], row["approvers"], row["cases"]) == (old, ["policy:use_cases.yml"], 3)
    for key, rows in before.items():
        kept = [one for one in rows if "conv-d" not in (one["conversation_id"], one.get("cluster_id"))]
        assert sorted(map(str, lake.rows(key))) == sorted(map(str, kept))
    (evaluated,) = lake.rows("evals.runs")
    assert evaluated["answers"] == evaluated["cases"] == len(lake.rows("evals.answers"))
    with pytest.raises(InputError, match="erased on request"):
        read_version(lake, old)
    assert mint(lake, USE_CASES.get("shop"), KEY).version_id == new, "what is approved is what remained"
    assert Orders(home).open() == []


def test_lines_still_reconcile(home: Path):
    carry_out(home, order_conversations(Lake(home), ["conv-b", "conv-d"], "p", None))
    lake = Lake(home)
    left_of = {(row["source"], row["line"]) for row in lake.rows("logs.turns", ["source", "line"])}
    for row in lake.rows("logs.arrivals"):
        parts = ("records", "duplicates", "quarantined", "empty", "suppressed")
        assert row["lines"] == sum(row.get(name) or 0 for name in parts)
        assert row["records"] == sum(source == row["source"] for source, _ in left_of)


def test_an_older_version_gets_a_successor_of_its_own_and_the_current_one_stays_current(home: Path):
    lake = Lake(home)
    old = latest_version(lake, "shop")
    assert old is not None
    text_ = f"- use_case: shop\n  question: what now?\n  expected: {{reference: ask {NICKNAME}}}\n"
    added = import_cases(lake, text_, "yaml", USE_CASES, KEY, redactor(), "Ann").added
    approve(lake, "shop", "Ann", added)
    current = mint(lake, USE_CASES.get("shop"), KEY).version_id
    carry_out(home, order_conversations(lake, ["conv-d"], "p", None))
    lake = Lake(home)
    assert latest_version(lake, "shop") == what_remains(lake, current)
    assert {row["version_id"]: row["is_tombstone"] for row in versions(lake)} == {
        old: True,
        current: True,
        what_remains(lake, old): False,
        what_remains(lake, current): False,
    }


def test_what_people_made_of_a_case_goes_with_its_conversation(home: Path):
    lake = Lake(home)
    (case_id,) = (row["case_id"] for row in lake.rows("golden.cases") if row["conversation_id"] == "conv-d")
    variation = f"- use_case: shop\n  question: he of the blue house asked\n  parents: [{case_id}]\n"
    (made,) = import_cases(lake, variation, "yaml", USE_CASES, KEY, redactor(), "Ann").added
    carry_out(home, order_conversations(lake, ["conv-d"], "p", None))
    assert made not in read_candidates(Lake(home))


def test_a_user_goes_with_every_conversation(home: Path):
    rows = Lake(home).rows("logs.turns", ["conversation_id", "user_hash"])
    (user,) = {row["user_hash"] for row in rows if row["conversation_id"] == "conv-d"}
    closed = carry_out(home, order_user(Lake(home), user, "p", None))
    assert closed.order.scope.conversations == ("conv-d", "conv-e")
    assert left(home, ["conv-d", "conv-e", NICKNAME, user]) == set()


def test_a_value_that_no_rule_recognised_leaves_every_text(home: Path):
    lake = Lake(home)
    text_ = f"- use_case: shop\n  question: who is it?\n  expected: {{reference: 'write to {NICKNAME}x99, in {PLACE}'}}\n"
    import_cases(lake, text_, "yaml", USE_CASES, KEY, redactor(), "Ann")
    closed = erase_value(home, f" {NICKNAME}\n")
    assert left(home, [NICKNAME]) == set()
    assert closed.certificate is not None
    assert Certificates(home).read(closed.certificate, Signer(home))["is_verified"] is True
    lake = Lake(home)
    texts = {row["conversation_id"]: row["text"] for row in lake.rows("logs.messages") if row["role"] == "user"}
    assert texts["conv-d"] == f"I live in {PLACE}, my boat is the <ERASED_1>"
    assert texts["conv-e"] == "It is <ERASED_1> again"
    placed = [row for row in lake.rows("logs.entities") if row["type"] == "ERASED"]
    by_id = {row["message_id"]: row for row in lake.rows("logs.messages")}
    assert {by_id[row["message_id"]]["text"][row["start"] : row["end"]] for row in placed} == {"<ERASED_1>"}
    assert sought(NICKNAME, (), KEY).value_hash not in {row["value_hash"] for row in placed}, "no hash leads to it"


def test_a_second_value_of_a_conversation_gets_a_token_of_its_own(home: Path):
    erase_value(home, NICKNAME)
    erase_value(home, "Fern Lane")
    texts = {row["conversation_id"]: row["text"] for row in Lake(home).rows("logs.messages") if row["role"] == "user"}
    assert texts["conv-d"] == "I live in the blue house at the end of <ERASED_2>, my boat is the <ERASED_1>"


def test_a_value_that_was_redacted_keeps_its_token_and_loses_its_hash(home: Path):
    hashes = {row["value_hash"] for row in Lake(home).rows("logs.entities") if row["type"] == "EMAIL_ADDRESS"}
    erase_value(home, "Ann.Lee@example.com")
    rows = [row for row in Lake(home).rows("logs.entities") if row["type"] == "EMAIL_ADDRESS"]
    assert {row["token"] for row in rows} == {"<EMAIL_ADDRESS_1>"}
    assert len({row["value_hash"] for row in rows}) == 1, "still one value"
    assert left(home, [*hashes]) == set()


def test_the_journal_of_a_killed_run_forgets_and_keeps_what_was_paid_for(home: Path):
    with open_journal(home, "a" * 24) as journal:
        journal.add(Answer("case-x", 0, text=f"Dear {NICKNAME}", tool_calls=(Call("f", {"to": NICKNAME}),), cluster_id="conv-e"))
        journal.add(Answer("case-y", 0, text="kept", cluster_id="conv-b"))
        journal.add(Answer("case-z", 0, text="gone", cluster_id="conv-d"))
    erase_value(home, NICKNAME)
    carry_out(home, order_conversations(Lake(home), ["conv-d"], "p", None))
    with open_journal(home, "a" * 24) as journal:
        said = {case_id: answer for (case_id, _), answer in journal.answers.items()}
    assert {case_id: answer.text for case_id, answer in said.items()} == {"case-x": "Dear <ERASED_1>", "case-y": "kept"}
    assert said["case-x"].tool_calls == (Call("f", {"to": "<ERASED_1>"}),)


def test_whoever_is_at_work_is_not_disturbed(home: Path):
    order = order_conversations(Lake(home), ["conv-d"], "p", None)
    with open_journal(home, "a" * 24) as journal:
        journal.add(Answer("case-x", 0))
        with pytest.raises(BusyError, match="an evaluation run is going on"):
            carry_out(home, order)
    assert [one.order_id for one in Orders(home).open()] == [order.order_id], "it is finished later"
    forgetting(home).finish_open()
    assert left(home, ["conv-d"]) == set()


def test_no_run_begins_on_a_version_that_was_erased_while_it_was_read(home: Path, monkeypatch: pytest.MonkeyPatch):
    lake = Lake(home)
    old = latest_version(lake, "shop")
    assert old is not None
    target: Any = load_target(EXPECTATIONS / "targets" / "recorded.yml", "1.0")
    prepare = target.prepare

    def erased_meanwhile(*arguments: Any) -> Any:
        carry_out(home, order_conversations(Lake(home), ["conv-d"], "p", None))
        return prepare(*arguments)

    monkeypatch.setattr(target, "prepare", erased_meanwhile)
    with pytest.raises(InputError, match="erased on request"):
        run(lake, old, load_suite(EXPECTATIONS / "suites" / "chat.yml"), target, occasion="later")
    assert left(home, [PLACE]) == set()


@pytest.mark.parametrize("named", [[], ["conv-d", "conv-x"]])
def test_what_is_not_there_is_said_and_nothing_changes(home: Path, named: list[str]):
    before = state(home)
    with pytest.raises(InputError, match="no conversation"):
        order_conversations(Lake(home), [*named, "conv-y"], "p", None)
    with pytest.raises(InputError, match="no conversation of a user"):
        order_user(Lake(home), "0" * 32, "p", None)
    assert state(home) == before
    assert Orders(home).open() == []


def test_a_reason_is_redacted_and_may_not_hold_the_value():
    wanted = sought(NICKNAME, (), KEY)
    assert safe_reason("asked by ann.lee@example.com", redactor(), wanted) == "asked by <EMAIL_ADDRESS_1>"
    with pytest.raises(InputError, match="the reason holds the value") as refused:
        safe_reason(f"the {NICKNAME.upper()} is gone", redactor(), wanted)
    assert NICKNAME not in str(refused.value).lower()


@pytest.mark.parametrize("value", ["", "  a!", "one two three four five six seven eight nine ten eleven twelve thirteen"])
def test_a_value_too_short_or_too_long_is_refused_without_showing_it(value: str):
    with pytest.raises(InputError, match="at least 3 letters") as refused:
        sought(value, (), KEY)
    assert not value.strip() or value.strip() not in str(refused.value)


def test_what_is_left_is_what_an_intake_would_take_now(home: Path, tmp_path: Path):
    erase_value(home, NICKNAME)
    erase_value(home, "Ann.Lee@example.com")
    carry_out(home, order_conversations(Lake(home), ["conv-b"], "p", None))
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy(home / "suppressed.jsonl", again)
    take_days(again, tmp_path / "logs")
    for key in ("logs.turns", "logs.messages", "logs.conversations"):
        assert sorted(map(str, Lake(again).rows(key))) == sorted(map(str, Lake(home).rows(key)))
    hashes = [
        {(row["message_id"], row["token"], row["value_hash"]) for row in Lake(one).rows("logs.entities")} for one in (home, again)
    ]
    assert hashes[0] == hashes[1]
    lines = [{row["source"]: (row["records"], row["lines"]) for row in Lake(one).rows("logs.arrivals")} for one in (home, again)]
    assert lines[0] == lines[1]


def test_a_certificate_says_what_was_removed_and_no_change_of_it_goes_unnoticed(home: Path):
    old = latest_version(Lake(home), "shop")
    certificate = carry_out(home, order_conversations(Lake(home), ["conv-d"], "policy-9", "ticket 7")).certificate
    assert certificate is not None
    assert certificate.stat().st_mode & 0o077 == 0
    said = Certificates(home).read(certificate, Signer(home))
    assert (said["conversations"], said["reason"], said["policy_version"]) == (["conv-d"], "ticket 7", "policy-9")
    assert said["golden_versions"] == [{"erased": old, "successor": what_remains(Lake(home), str(old))}]
    assert said["removed"]["logs"]["messages"] == 3
    assert [entry.kind for entry in AuditLog(home, Signer(home)).entries()] == ["forgetting.conversation"]
    envelope = orjson.loads(certificate.read_bytes())
    payload = base64.b64decode(envelope["payload"]).replace(b"conv-d", b"conv-e")
    certificate.write_bytes(orjson.dumps({**envelope, "payload": base64.b64encode(payload).decode()}))
    with pytest.raises(GoldworksError, match="was changed after it was signed"):
        Certificates(home).read(certificate, Signer(home))


def test_orders_are_private_and_hold_no_value(home: Path):
    wanted = sought(NICKNAME, (), KEY)
    path = home / "forgetting" / f"{Orders(home).write(order_value(Lake(home), wanted, 'p', None)).order_id}.json"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert NICKNAME not in path.read_text().lower()


KILLED = """
import sys
from pathlib import Path
from small_history import forgetting
home = Path(sys.argv[1])
forgetting(home).finish_open()
"""
POINTS = (
    "forgetting.ordered",
    "forgetting.successor_written",
    "forgetting.golden_half_done",
    "forgetting.answers_half_done",
    "forgetting.logs_half_done",
    "forgetting.before_certificate",
)


def kill_at(home: Path, point: str) -> None:
    """Carry out the open orders in a process that dies at `point`."""
    environment = {**os.environ, "GOLDWORKS_FAULT": point, "PYTHONPATH": str(PROJECT_ROOT / "tests")}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(home)], env=environment, cwd=PROJECT_ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL, f"{point} was not reached"


@pytest.mark.slow
def test_killed_at_every_point_it_ends_the_same(tmp_path: Path):
    ends: list[dict[str, list[str]]] = []
    for name, points in (("undisturbed", ()), ("killed", POINTS)):
        home = tmp_path / name
        write_logs(tmp_path / "logs")
        take_days(home, tmp_path / "logs")
        go_on(home)
        gone = [*traces(home, "conv-d"), *traces(home, "conv-b"), PLACE]
        Orders(home).write(order_conversations(Lake(home), ["conv-b", "conv-d"], "p", None))
        for point in points:
            kill_at(home, point)
        (closed,) = forgetting(home).finish_open()
        assert closed.certificate is not None
        assert left(home, gone) == set()
        assert [row["is_tombstone"] for row in versions(Lake(home))].count(False) == 1
        ends.append(state(home))
    assert ends[0] == ends[1]


def test_a_value_order_is_finished_without_the_value(home: Path):
    hidden = base64.b64encode(f"the {NICKNAME} is here".encode()).decode()
    text_ = f"- use_case: shop\n  question: what is it?\n  expected: {{reference: 'say {NICKNAME}x99 or {hidden}'}}\n"
    import_cases(Lake(home), text_, "yaml", USE_CASES, KEY, redactor(), "Ann")
    wanted = sought(NICKNAME, (), KEY)
    Orders(home).write(order_value(Lake(home), wanted, "p", None))
    kill_at(home, "forgetting.golden_half_done")
    forgetting(home).finish_open()
    assert left(home, [NICKNAME, hidden]) == set()
    assert not search(Lake(home), wanted).is_anywhere


def first_day(tmp_path: Path) -> Path:
    """A home that was evaluated on the first day, before the second one tells that a word of it is a password."""
    home = tmp_path / "home"
    write_logs(tmp_path / "logs")
    take_days(home, tmp_path / "logs", ["2026-11-01"])
    go_on(home)
    return home


@pytest.mark.parametrize(
    "point",
    [
        None,
        *(pytest.param(point, marks=pytest.mark.slow) for point in ("intake.reveal_half_written", "forgetting.golden_half_done")),
    ],
)
def test_a_late_reveal_follows_into_what_was_made_before(tmp_path: Path, point: str | None):
    home = first_day(tmp_path)
    old = latest_version(Lake(home), "shop")
    assert old is not None
    places = " ".join(left(home, [SECRET]))
    for place in ("golden/cases", "golden/candidates", "logs/messages"):
        assert place in places, "control: not recognised yet"
    if point == "intake.reveal_half_written":
        program = "import sys; from pathlib import Path; from small_history import take_days; take_days(*map(Path, sys.argv[1:]))"
        environment = {**os.environ, "GOLDWORKS_FAULT": point, "PYTHONPATH": str(PROJECT_ROOT / "tests")}
        arguments = [sys.executable, "-c", program, str(home), str(tmp_path / "logs")]
        assert subprocess.run(arguments, env=environment, cwd=PROJECT_ROOT, check=False).returncode == -signal.SIGKILL
        assert Orders(home).open(), "the order outlives the kill"
    take_days(home, tmp_path / "logs")
    if point == "forgetting.golden_half_done":
        kill_at(home, point)
    assert left(home, [SECRET]), "control: not followed yet"
    closed = forgetting(home).finish_open()
    assert [one.certificate for one in closed] == [None]
    assert left(home, [SECRET]) == set()
    lake = Lake(home)
    remaining = what_remains(lake, old)
    assert remaining != old
    case = next(case for case in read_version(lake, remaining) if case.conversation_id == "conv-a")
    token = next(row["token"] for row in lake.rows("logs.entities") if row["layer"] == "secret")
    assert case.messages[-1].text == f"The word is {token}, write to <EMAIL_ADDRESS_1>"
    propose(lake, USE_CASES, KEY)
    assert left(home, [SECRET]) == set()


def test_a_reveal_that_concerns_nothing_changes_nothing(tmp_path: Path):
    home = first_day(tmp_path)
    write_log(tmp_path / "logs", "otlp/2026-11-02-b.jsonl.gz", [
        chat("conv-b", "b2", "2026-11-02", [text("user", "hi"), text("assistant", "hello"), text("user", "x@y.example")], "ok")
    ])  # fmt: skip
    for name in ("2026-11-02", "2026-11-03"):
        (tmp_path / "logs" / "otlp" / f"{name}.jsonl.gz").unlink()
    take_days(home, tmp_path / "logs")
    lake = Lake(home)
    before = {key: lake.version(key) for key in ("golden.cases", "golden.versions", "evals.answers")}
    assert Orders(home).open(), "control: a value of a known conversation is new"
    assert len(forgetting(home).finish_open()) == 1
    assert {key: Lake(home).version(key) for key in before} == before
    assert Orders(home).open() == []


def test_the_first_intake_orders_nothing(tmp_path: Path):
    write_logs(tmp_path / "logs")
    take_days(tmp_path / "home", tmp_path / "logs")
    assert Orders(tmp_path / "home").open() == []
