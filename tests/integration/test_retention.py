"""Retention: what is past its limit goes with its bytes, stays away, and ends the same when it was killed; holds keep."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from every_byte import where
from small_history import EXPECTATIONS, KEY, NICKNAME, PLACE, USE_CASES, forgetting, go_on, write_logs
from small_logs import chat, text, write_log

from assets.checks import check_lines
from goldworks.access.key_ring import Epoch, Ring, load_ring, wrapped
from goldworks.errors import InputError, PolicyError
from goldworks.evaluation.result import load_result
from goldworks.expiry.enforcing import Report, Rules, enforce, look
from goldworks.expiry.reporting import by_hold, by_table
from goldworks.golden.read import latest_version, read_version, what_remains
from goldworks.intake.merge import merge_conversations
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, Taken, take
from goldworks.lake import Lake
from goldworks.orders import Orders
from goldworks.retention.holding import Holding
from goldworks.retention.policy import Hold, RetentionPolicy, load_retention_policy
from goldworks.settings import PROJECT_ROOT

TODAY = dt.datetime.now(dt.UTC).date()
FIRST_KEPT = dt.date(2026, 11, 3)
LIMIT = (TODAY - FIRST_KEPT).days
"""Days for which conversations are kept, so that of the three small days only the last is; the intake goes by the real clock."""

pytestmark = pytest.mark.skipif(LIMIT < 1, reason="the small logs lie in the future: set the clock right")
OLD = ["conv-b", "conv-c", "conv-d", "conv-e"]


class NoPages:
    def __init__(self) -> None:
        self.removed: list[str] = []

    def remove(self, mlflow_run_ids: Any) -> int:
        self.removed += mlflow_run_ids
        return len(mlflow_run_ids)


def policy(**days: int | None) -> dict[str, Any]:
    return {"version": 1, "days": {"conversations": LIMIT, **days}}


def rules(home: Path, content: dict[str, Any], region: str | None = None, later: int = 0) -> Rules:
    today = TODAY + dt.timedelta(days=later)
    return Rules(RetentionPolicy.model_validate(content), region, load_ring(home, KEY), today)


def run(home: Path, content: dict[str, Any], **more: Any) -> Report:
    report = enforce(forgetting(home), rules(home, content, **more), NoPages(), "p")
    merge_conversations(Lake(home), USE_CASES)
    assert check_lines(Lake(home)).passed
    assert Orders(home).open() == []
    return report


def intake(home: Path, folder: Path, content: dict[str, Any], region: str | None = None) -> Taken:
    """The intake under a policy."""
    expectations = home.parent / "expectations"
    if not expectations.exists():
        shutil.copytree(EXPECTATIONS, expectations)
    (expectations / "policies" / "retention.yml").write_text(yaml.safe_dump(content))
    source = Source(str(folder / "logs"), expectations, load_intake_policy(expectations), "off", 0, region)
    taken = take(Lake(home), source, KEY)
    merge_conversations(Lake(home), USE_CASES)
    assert check_lines(Lake(home)).passed
    return taken


NO_LIMIT: dict[str, Any] = {"version": 1, "days": {}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs, and a home that took them, with a golden version and its evaluation."""
    folder = tmp_path_factory.mktemp("made")
    write_logs(folder / "logs")
    intake(folder / "home", folder, NO_LIMIT)
    go_on(folder / "home")
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of it; the logs lie beside it."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "home"


def kept(home: Path) -> set[str]:
    return {row["conversation_id"] for row in Lake(home).rows("logs.turns")}


def outdated(home: Path, where_not: str = "golden evals") -> list[str]:
    texts = [PLACE, NICKNAME, "555-0132"]
    return [path for paths in where(home, texts).values() for path in paths if not any(n in path for n in where_not.split())]


def test_a_dry_run_says_what_would_go_and_changes_nothing(home: Path):
    lake = Lake(home)
    before = {key: lake.version(key) for key in ("logs.turns", "logs.messages", "logs.arrivals", "golden.cases", "evals.answers")}
    report = look(lake, rules(home, policy(quarantine=LIMIT)))
    assert report.deleted == {
        "logs.turns": 4, "logs.messages": 11, "logs.entities": 1, "logs.conversations": 4, "logs.quarantine": 1,
    }  # fmt: skip
    assert {(row["table"], row["partition"]): row["deleted"] for row in report.rows}["logs.turns", "2026-11-02"] == 3
    assert {key: Lake(home).version(key) for key in before} == before


def test_what_is_past_goes_with_its_bytes_and_the_lines_still_add_up(home: Path, tmp_path: Path):
    assert outdated(home), "control"
    run(home, policy(quarantine=LIMIT))
    assert kept(home) == {"conv-a"}
    assert len({row["arrived_on"] for row in Lake(home).rows("logs.turns")}) == 3, (
        "a conversation that goes on is kept as a whole"
    )
    assert Lake(home).rows("logs.quarantine") == []
    assert outdated(home) == []
    assert sum(row["suppressed"] for row in Lake(home).rows("logs.arrivals")) == 5
    assert run(home, policy(quarantine=LIMIT)).rows == []


def test_files_that_still_lie_there_bring_nothing_back(home: Path, tmp_path: Path):
    content = policy(quarantine=LIMIT)
    run(home, content)
    assert intake(home, tmp_path, content).days == []
    lake = Lake(home)
    for row in lake.rows("logs.arrivals"):  # as under another redaction policy
        lake.upsert("logs.arrivals", [{**row, "policy_version": "another"}])
    write_log(tmp_path / "logs", "otlp/2026-11-01-b.jsonl.gz", [
        chat("conv-z", "z1", "2026-11-01", [text("user", PLACE)], "y"),
        chat("conv-a", "a0", "2026-11-01", [text("user", "of a conversation that goes on")], "y"),
        "not json",
    ])  # fmt: skip
    assert intake(home, tmp_path, content).days == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert kept(home) == {"conv-a"}
    assert "a0".ljust(32, "0") in {row["trace_id"] for row in Lake(home).rows("logs.turns")}
    assert outdated(home) == []
    row = next(row for row in Lake(home).rows("logs.arrivals") if row["source"].endswith("-b.jsonl.gz"))
    assert (row["lines"], row["records"], row["quarantined"], row["suppressed"]) == (3, 1, 0, 2)


def test_a_day_of_which_nothing_is_left_is_done_for_good_also_when_its_file_is_gone(home: Path, tmp_path: Path):
    content = {"version": 1, "days": {"conversations": (TODAY - dt.date(2026, 11, 3)).days - 1 or 1}}
    if LIMIT < 3:
        pytest.skip("the small logs are too young today")
    run(home, content)
    assert kept(home) == set()
    (tmp_path / "logs" / "otlp" / "2026-11-02.jsonl.gz").unlink()
    lake = Lake(home)
    for row in lake.rows("logs.arrivals"):
        lake.upsert("logs.arrivals", [{**row, "policy_version": "another"}])
    assert intake(home, tmp_path, content).days == []
    today = TODAY.isoformat()
    write_log(tmp_path / "logs", f"otlp/{today}.jsonl.gz", [chat("conv-n", "n1", today, [text("user", "hi")], "y")])
    assert intake(home, tmp_path, content).days == [today], "what is new is taken all the same"


def test_a_new_home_takes_only_what_is_not_past(tmp_path: Path):
    write_logs(tmp_path / "logs")
    taken = intake(tmp_path / "home", tmp_path, policy(quarantine=LIMIT))
    assert kept(tmp_path / "home") == {"conv-a", "conv-b"}, "both came again on the last day"
    assert (taken.lines, taken.suppressed, taken.quarantined, taken.records) == (10, 7, 0, 2)
    assert {row["arrived_on"] for row in Lake(tmp_path / "home").rows("logs.messages")} == {"2026-11-03"}
    assert run(tmp_path / "home", policy(quarantine=LIMIT)).rows == []


HOLD = {"name": "case-1", "owner": "legal", "reason": "dispute"}


@pytest.mark.parametrize(
    ("what", "stays"),
    [
        ({"conversations": ["conv-d"]}, {"conv-a", "conv-d"}),
        ({"users": ["<user-8>"]}, {"conv-a", "conv-d", "conv-e"}),
        ({"use_cases": ["shop"]}, {"conv-a", *OLD}),
        ({"arrived": {"first": "2026-10-30", "last": "2026-11-01"}}, {"conv-a", "conv-b"}),
        ({"conversations": ["conv-d"], "until": (TODAY - dt.timedelta(days=1)).isoformat()}, {"conv-a"}),
    ],
    ids=["conversation", "user", "use case", "arrival days", "over"],
)
def test_a_hold_keeps_what_it_names_until_it_is_over(home: Path, tmp_path: Path, what: dict[str, Any], stays: set[str]):
    if "users" in what:
        (user,) = {row["user_hash"] for row in Lake(home).rows("logs.turns") if row["conversation_id"] == "conv-d"}
        what = {"users": [user]}
    content = {**policy(), "holds": [{**HOLD, **what}, {**HOLD, "name": "case-2", "conversations": ["conv-nowhere"]}]}
    report = run(home, content)
    assert kept(home) == stays
    assert "case-2" in report.idle
    assert {name: kept["logs.conversations"] for name, kept in report.held.items()} == (
        {"case-1": len(stays) - 1} if len(stays) > 1 else {}
    )
    held = sum(row["kept_by_hold"] for row in report.rows if row["table"] == "logs.conversations")
    assert held == len(stays) - 1
    lake = Lake(home)
    for row in lake.rows("logs.arrivals"):
        lake.upsert("logs.arrivals", [{**row, "policy_version": "another"}])
    intake(home, tmp_path, content)
    assert kept(home) == stays, "taken again it is the same"


def test_the_report_has_a_line_a_table_and_a_line_a_hold(home: Path):
    content = {
        **policy(quarantine=LIMIT),
        "holds": [{**HOLD, "conversations": ["conv-d"]}, {**HOLD, "name": "a", "use_cases": ["x"]}],
    }
    report = look(Lake(home), rules(home, content))
    lines = {row["table"]: (row["which"], row["deleted"], row["kept_by_hold"]) for row in by_table(report.rows)}
    assert lines == {
        "logs.conversations": ("2026-11-01 to 2026-11-02", 3, 1),
        "logs.entities": ("2026-11-02", 1, 0),
        "logs.messages": ("2026-11-01 to 2026-11-02", 8, 3),
        "logs.quarantine": ("2026-11-02", 1, 0),
        "logs.turns": ("2026-11-01 to 2026-11-02", 3, 1),
    }
    assert by_hold(report.held, report.idle) == [
        "The hold a keeps nothing that would go today.",
        "The hold case-1 keeps 1 of logs.conversations, 3 of logs.messages, 1 of logs.turns.",
    ]


def test_parts_that_are_no_days_are_counted():
    rows = [{"table": "evals.answers", "partition": name, "deleted": 2, "kept_by_hold": 1} for name in ("r1", "r2")]
    one = {"table": "golden.cases", "partition": "shop-1", "deleted": 1, "kept_by_hold": 0}
    assert [(row["which"], row["deleted"], row["kept_by_hold"]) for row in by_table([*rows, one])] == [
        ("2 runs", 4, 2),
        ("shop-1", 1, 0),
    ]


def test_a_user_is_held_through_a_rotation_that_kept_joins():
    ring = Ring(KEY, (Epoch(0, None, ("33" * 32, "44" * 32)),))
    old = ring.at(0).digest("user", "user-8")
    holding = Holding([Hold.model_validate({**HOLD, "users": [old]})], ring)
    assert holding.keeps("conv-x", [ring.current.digest("user", "user-8")]) == "case-1"
    assert wrapped(ring.layer("44" * 32), wrapped(ring.layer("33" * 32), old)) == ring.current.digest("user", "user-8")
    assert holding.keeps("conv-x", [ring.current.digest("user", "user-9")]) is None


def test_golden_sets_may_be_kept_longer_and_go_in_their_turn(home: Path):
    lake = Lake(home)
    old = latest_version(lake, "shop")
    assert old is not None
    cases = {case.conversation_id: case.case_id for case in read_version(lake, old)}
    run(home, policy(golden=LIMIT + 10))
    assert len(read_version(Lake(home), old)) == len(cases), "proposed today"
    report = run(home, policy(golden=LIMIT + 10), later=LIMIT + 11)
    assert report.deleted["golden.cases"] == len(cases)
    lake = Lake(home)
    with pytest.raises(InputError, match="was deleted, for cases in it are past retention"):
        read_version(lake, old)
    assert latest_version(lake, "shop") is None or read_version(lake, what_remains(lake, old)) == []
    assert lake.rows("golden.candidates") == []
    assert outdated(home, "nothing") == []


def test_a_case_stays_while_its_conversation_does(home: Path):
    content = {"version": 1, "days": {"conversations": 5000, "candidates": 5000, "golden": 5000}}
    held = {**content, "holds": [{**HOLD, "use_cases": ["shop"]}]}
    assert run(home, held, later=6000).deleted == {}
    assert kept(home) == {"conv-a", *OLD}
    assert Lake(home).rows("golden.cases")


def test_texts_of_old_answers_go_and_numbers_stay(home: Path):
    lake = Lake(home)
    (row,) = lake.rows("evals.runs")
    said = [one["text"] for one in lake.rows("evals.answers") if one["text"]]
    before = load_result(lake, row["run_id"]).estimates
    journal = home / "runs" / "a" / "answers.jsonl"
    journal.parent.mkdir(parents=True, exist_ok=True)
    journal.write_text('{"case_id":"c","repeat":0,"text":"old"}\n')
    os.utime(journal, (0, 0))
    content = {"version": 1, "days": {"answers": 30}, "holds": [{**HOLD, "conversations": ["conv-a"]}]}
    assert run(home, content).deleted == {"journals": 1}
    report = run(home, content, later=31)
    lake = Lake(home)
    texts = {one["cluster_id"]: one["text"] for one in lake.rows("evals.answers")}
    assert {conversation for conversation, answer in texts.items() if answer is not None} == {"conv-a"}
    assert report.deleted["evals.answers"] == len(said) - 1
    assert report.held == {"case-1": {"evals.answers": 1}}
    assert load_result(lake, row["run_id"]).estimates == before
    assert journal.read_bytes() == b""
    assert set(where(home / "lake" / "evals", said)) <= {texts["conv-a"]}
    assert run(home, content, later=31).deleted == {}


PROGRAM = """
import sys, json
from pathlib import Path
import test_retention as t
home, content, later = Path(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3])
t.enforce(t.forgetting(home), t.rules(home, content, later=later), t.NoPages(), "p")
"""
KILLS = (
    ("retention.ordered", "forgetting.golden_half_done"),
    ("retention.quarantine_half_done",),
    ("retention.answers_half_done", "forgetting.logs_half_done"),
    ("retention.half_done",),
)


def state(home: Path) -> dict[str, list[str]]:
    lake = Lake(home)
    keys = ("logs.turns", "logs.messages", "logs.entities", "logs.arrivals", "logs.quarantine", "logs.conversations")
    keys += ("golden.candidates", "golden.cases", "evals.answers")
    moment = {"proposed_at", "reviewed_at", "latency_ms"}
    return {key: sorted(str({n: v for n, v in row.items() if n not in moment}) for row in lake.rows(key)) for key in keys}


@pytest.mark.slow
def test_killed_at_every_point_it_ends_the_same(made: Path, tmp_path: Path):
    content = {**policy(quarantine=LIMIT, golden=LIMIT, answers=30), "holds": [{**HOLD, "conversations": ["conv-b"]}]}
    later = LIMIT + 31
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(PROJECT_ROOT / one) for one in ("tests", "tests/integration"))}
    ends: list[dict[str, list[str]]] = []
    for number, points in enumerate(((), *KILLS)):
        home = tmp_path / str(number)
        shutil.copytree(made / "home", home)
        for point in points:
            arguments = [sys.executable, "-c", PROGRAM, str(home), json.dumps(content), str(later)]
            killed = subprocess.run(arguments, env={**environment, "GOLDWORKS_FAULT": point}, cwd=PROJECT_ROOT, check=False)
            assert killed.returncode == -signal.SIGKILL, f"{point} was not reached"
        run(home, content, later=later)
        assert kept(home) == {"conv-b"}
        assert outdated(home, "nothing") == []
        ends.append(state(home))
    assert all(end == ends[0] for end in ends)


def refused(tmp_path: Path, content: str) -> str:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "retention.yml").write_text(content)
    with pytest.raises(PolicyError) as error:
        load_retention_policy(tmp_path)
    return str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("version: 1\ndays:\n  mesages: 3\n", "retention.yml:3: days.mesages: unknown key"),
        ("version: 1\ndays: {conversations: 0}\n", "greater than or equal to 1"),
        (
            "version: 1\ndays: {conversations: 30, candidates: 10}\n",
            "candidates: 10 is too short, conversations are kept for 30 days",
        ),
        ("version: 1\ndays: {golden: 10}\n", "golden: 10 is too short, conversations are kept without limit"),
        (
            "version: 1\ndays: {}\nholds:\n  - {name: a, owner: b, reason: c}\n",
            "holds.0: Value error, a hold names conversations",
        ),
        (
            "version: 1\ndays: {}\nholds:\n  - {name: a, owner: b, reason: c, arrived: {first: 2026-02-01, last: 2026-01-01}}\n",
            "comes before first",
        ),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, content: str, said: str):
    assert said in refused(tmp_path, content)
    if "mesages" in content:
        assert "Allowed: answers, candidates, conversations, golden, quarantine" in str(refused_again(tmp_path))


def refused_again(tmp_path: Path) -> str:
    with pytest.raises(PolicyError) as error:
        load_retention_policy(tmp_path)
    return str(error.value)


def test_a_region_has_its_own_limits_and_an_unknown_one_is_refused(home: Path, tmp_path: Path):
    content = {"version": 1, "days": {"answers": 9}, "regions": {"eu": {"conversations": LIMIT}, "us": {}}}
    limits = RetentionPolicy.model_validate(content).limits("eu")
    assert (limits.conversations, limits.answers) == (LIMIT, 9)
    with pytest.raises(InputError, match=r"no region 'mars' .* there are: eu, us"):
        run(home, content, region="mars")
    with pytest.raises(InputError, match="no region 'mars'"):
        intake(home, tmp_path, content, "mars")
    run(home, content, region="us")
    assert kept(home) == {"conv-a", *OLD}
    run(home, content, region="eu")
    assert kept(home) == {"conv-a"}
