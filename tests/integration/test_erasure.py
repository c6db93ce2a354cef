"""What was erased is nowhere: in no byte of the home, also when the erasure was killed half way; and late reveals follow."""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from every_byte import where
from small_history import NICKNAME, PLACE, write_logs
from small_logs import SECRET, three_days
from whole_line import goldworks, goldworks_run

from goldworks.golden.read import latest_version, read_version, what_remains
from goldworks.lake import Lake

pytestmark = pytest.mark.slow  # test_forgetting does the same on a lake alone


def run_line(home: Path, logs: Path, **extra: str) -> dict[str, Any]:
    process = goldworks_run(home, logs, **extra)
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error.decode()[-3000:]
    return json.loads(out)


def erase(home: Path, *arguments: str, typed: str = "") -> dict[str, Any]:
    done = goldworks(home, "erase", *arguments, "--yes", "--json", typed=typed)
    assert done.returncode == 0, done.stderr[-3000:]
    assert not typed or typed not in done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the whole line ran; copied by each test to the same place, for MLflow knows its files by their paths."""
    folder = tmp_path_factory.mktemp("erasure")
    write_logs(folder / "logs")
    run_line(folder / "home", folder / "logs")
    (folder / "home").rename(folder / "made")
    return folder


@pytest.fixture
def home(made: Path) -> Path:
    """That home, as it was made."""
    shutil.rmtree(made / "home", ignore_errors=True)
    shutil.copytree(made / "made", made / "home")
    return made / "home"


def traces_of(home: Path, conversation: str) -> list[str]:
    """Ids and texts by which a conversation is recognised in any file."""
    lake = Lake(home)
    mine = [("conversation_id", "=", conversation)]
    ids = [row["trace_id"] for row in lake.rows("logs.turns", ["trace_id"], mine)]
    cases = [row["case_id"] for row in lake.rows("golden.cases", ["case_id"], mine)]
    messages = [row for row in lake.rows("logs.messages", where=mine) if row["role"] != "system"]
    assert ids, "control: there is such a conversation"
    assert cases, "control: it is in a golden version"
    return [conversation, *ids, *cases, *(row["message_id"] for row in messages)]


def test_a_conversation_is_nowhere_any_more_and_all_else_is_as_it_was(home: Path, made: Path) -> None:
    lake = Lake(home)
    traces = [*traces_of(home, "conv-d"), PLACE]
    there = where(home, traces)
    assert set(there) == set(traces), "control"
    assert any("dagster" in path for path in there[PLACE]), "control: a day's page quotes its messages"
    before = {key: lake.rows(key) for key in ("logs.messages", "golden.cases", "evals.answers", "evals.scores")}
    old = latest_version(lake, "shop")
    assert old is not None
    done = erase(home, "--conversation", "conv-d", "--reason", "asked for by rosa.quill@example.com")
    assert _left(home, [*traces, "rosa.quill@example.com"]) == set()
    assert Path(done["certificate"]).stat().st_mode & 0o077 == 0
    lake = Lake(home)
    new = latest_version(lake, "shop")
    assert new is not None
    assert new == what_remains(lake, old) != old
    assert len(read_version(lake, new)) == sum(row["version_id"] == old for row in before["golden.cases"]) - 1
    for key in ("logs.messages", "evals.answers", "evals.scores"):
        gone = {"conv-d"} | {trace for trace in traces if trace.startswith("case-")}
        stays = [row for row in before[key] if not gone & {row.get("conversation_id"), row.get("case_id")}]
        assert sorted(lake.rows(key), key=str) == sorted(stays, key=str)


POINTS = ("forgetting.golden_half_done", "forgetting.before_tracking", "forgetting.before_marts")


def state(home: Path) -> dict[str, list[str]]:
    lake = Lake(home)
    tables = ("logs.turns", "logs.messages", "logs.entities", "logs.arrivals", "golden.cases", "golden.versions")
    of_the_moment = {"minted_at", "proposed_at", "reviewed_at"}
    return {
        key: sorted(str({name: v for name, v in row.items() if name not in of_the_moment}) for row in lake.rows(key))
        for key in (*tables, "golden.candidates")
    }


def test_killed_at_each_point_and_finished_by_the_same_command_or_by_the_line(home: Path, made: Path) -> None:
    erase(home, "--conversation", "conv-d", "--conversation", "conv-b")
    undisturbed = state(home)
    shutil.rmtree(home)
    shutil.copytree(made / "made", home)
    traces = [*traces_of(home, "conv-d"), *traces_of(home, "conv-b"), PLACE]
    command = ("erase", "--conversation", "conv-b", "--conversation", "conv-d", "--yes", "--json")
    for point in POINTS:
        killed = goldworks(home, *command, GOLDWORKS_FAULT=point)
        assert killed.returncode == -signal.SIGKILL, f"{point} was not reached: {killed.stderr[-2000:]}"
    assert json.loads(goldworks(home, "erase", "--list", "--json").stdout)["open"]
    assert run_line(home, made / "logs")["status"] == "done"
    assert json.loads(goldworks(home, "erase", "--list", "--json").stdout)["open"] == []
    assert _left(home, traces) == set()
    assert state(home) == undisturbed


def test_a_value_that_no_rule_recognised_is_erased_from_every_text(home: Path) -> None:
    assert where(home, [NICKNAME]), "control"
    refused = goldworks(home, "erase", "--value", "--yes", "--reason", f"for {NICKNAME}", typed=NICKNAME)
    assert refused.returncode == 1
    done = erase(home, "--value", typed=NICKNAME)
    assert where(home, [NICKNAME]) == {}
    certificate = goldworks(home, "erase", "--verify", done["certificate"], "--json")
    assert certificate.returncode == 0, certificate.stderr
    assert '"is_verified": true' in certificate.stdout
    lake = Lake(home)
    texts = {row["conversation_id"]: row["text"] for row in lake.rows("logs.messages") if row["role"] == "user"}
    assert texts["conv-d"] == f"I live in {PLACE}, my boat is the <ERASED_1>"
    assert texts["conv-e"] == "It is <ERASED_1> again"
    for row in lake.rows("logs.entities", where=[("type", "=", "ERASED")]):
        (message,) = lake.rows("logs.messages", where=[("message_id", "=", row["message_id"])])
        assert message["text"][row["start"] : row["end"]] == row["token"]


def test_what_is_named_must_be_there_and_a_dry_run_changes_nothing(home: Path) -> None:
    before = state(home)
    assert "no conversation conv-x" in goldworks(home, "erase", "--conversation", "conv-x", "--yes").stderr
    assert goldworks(home, "erase", "--conversation", "conv-d").returncode == 1, "nobody there to confirm"
    shown = goldworks(home, "erase", "--conversation", "conv-d", "--dry-run", "--json")
    assert json.loads(shown.stdout)["would_remove"]["golden sets"]["cases"] == 1
    assert state(home) == before
    assert not (home / "certificates").exists()


def test_a_late_reveal_follows_everywhere_also_after_a_kill(tmp_path: Path) -> None:
    home, logs = tmp_path / "home", tmp_path / "logs"
    three_days(tmp_path / "all")
    later = tmp_path / "all" / "otlp" / "2026-11-02.jsonl.gz"
    shutil.copytree(tmp_path / "all", logs, ignore=shutil.ignore_patterns("2026-11-02*", "2026-11-03*"))
    run_line(home, logs)
    places = " ".join(where(home, [SECRET])[SECRET])
    for place in ("golden/cases", "golden/candidates", "dagster", "logs/messages"):
        assert place in places, f"control: not recognised yet in {place}"
    old = latest_version(Lake(home), "shop")
    assert old is not None
    shutil.copy(later, logs / "otlp")
    process = goldworks_run(home, logs, GOLDWORKS_FAULT="forgetting.ordered")
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL
    assert where(home, [SECRET]), "control: killed between the intake and what follows"
    run_line(home, logs)
    assert where(home, [SECRET]) == {}
    lake = Lake(home)
    assert what_remains(lake, old) != old
    case = next(case for case in read_version(lake, what_remains(lake, old)) if case.conversation_id == "conv-a")
    token = next(row["token"] for row in lake.rows("logs.entities") if row["type"] == "PASSWORD")
    assert case.messages[-1].text == f"The word is {token}, write to <EMAIL_ADDRESS_1>"
    assert run_line(home, logs)["status"] == "nothing to do"


SAMPLE = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "sample" / "logs"


@pytest.mark.skipif(not SAMPLE.exists(), reason="the development logs are not part of the project")
def test_on_the_sample_a_user_and_a_word_are_nowhere_any_more_and_come_in_no_more(tmp_path: Path) -> None:
    """400 conversations, all four use cases: a user of several conversations, then a word that people say and no rule knows."""
    home, logs = tmp_path / "home", tmp_path / "logs"
    shutil.copytree(SAMPLE, logs)
    run_line(home, logs)
    lake = Lake(home)
    of_user: dict[str, set[str]] = {}
    for row in lake.rows("logs.turns", ["user_hash", "conversation_id"]):
        if row["user_hash"]:
            of_user.setdefault(row["user_hash"], set()).add(row["conversation_id"])
    user = max(sorted(of_user), key=lambda one: len(of_user[one]))
    assert len(of_user[user]) > 1
    traces = [user, *(trace for one in sorted(of_user[user]) for trace in traces_of(home, one))]
    done = erase(home, "--user", user)
    assert done["removed"]["logs"]["conversations"] == len(of_user[user])
    assert _left(home, traces) == set()
    said = [row["text"] for row in lake.rows("logs.messages", ["text"], [("role", "=", "user")]) if row["text"]]
    words = Counter(word for text_ in said for word in set(re.findall(r"\b[a-z]{9,}\b", text_)))
    rows = lake.rows("logs.messages", ["tool_name", "tool_calls", "tool_result"])
    called = " ".join(value for row in rows for value in row.values() if value).lower()  # names of tools are ids: they stay
    word = next(word for word, times in sorted(words.items()) if 4 <= times <= 12 and word not in called)
    erase(home, "--value", typed=word)
    places = {path for path in where(home, [word]).get(word, []) if path.startswith(("lake/", "marts", "mlflow/artifacts"))}
    assert places == set(), f"of {word}"
    assert run_line(home, logs)["status"] == "done"
    for path in logs.rglob("*.gz"):  # as if another file of the day had come: everything is taken again
        path.with_name(f"{path.name.removesuffix('.jsonl.gz')}-again.jsonl.gz").write_bytes(path.read_bytes())
    counted = run_line(home, logs)["intake"]
    assert counted["suppressed"] > 0
    assert _left(home, traces) == set()
    assert word not in " ".join(row["text"] or "" for row in Lake(home).rows("logs.messages")).lower()


def _left(home: Path, texts: list[str]) -> set[str]:
    """Files that hold any of the texts; those that say what was erased aside."""
    found = {path for paths in where(home, texts).values() for path in paths}
    return {path for path in found if not path.startswith(("certificates", "suppressed"))}
