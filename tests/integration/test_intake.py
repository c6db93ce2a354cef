"""The intake as a whole, on small logs: increments equal a rebuild, kills leave no trace, late values are redacted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable
from small_logs import SECRET, chat, text, three_days, write_log

from goldworks.errors import BusyError, InputError
from goldworks.intake.merge import merge_conversations
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, Taken, plan, take
from goldworks.lake import Lake
from goldworks.locks import alone
from goldworks.settings import PROJECT_ROOT
from goldworks.tables import TABLES
from goldworks.use_cases import load_use_cases

KEY = b"\x01" * 32
EXPECTATIONS = PROJECT_ROOT / "expectations"
LOG_TABLES = [key for key in TABLES if key.startswith("logs.")]


def source(folder: Path) -> Source:
    return Source(str(folder), EXPECTATIONS, load_intake_policy(EXPECTATIONS), "off", workers=0)


def take_all(home: Path, folder: Path, days: list[str] | None = None) -> Taken:
    return take(Lake(home), source(folder), KEY, days)


def tables(home: Path) -> dict[str, list[str]]:
    """Every row of every logs table, in an order of its own."""
    lake = Lake(home)
    merge_conversations(lake, load_use_cases(EXPECTATIONS / "use_cases.yml"))
    return {key: sorted(json.dumps(row, default=str, sort_keys=True) for row in lake.rows(key)) for key in LOG_TABLES}


def outdated(home: Path) -> list[str]:
    """Data files that no current version of their table needs: what was replaced, with the text and the ids it held."""
    lake = Lake(home)
    by_day = ("logs.quarantine", "logs.turns", "logs.messages", "logs.entities", "logs.conversations")
    needed = {key: DeltaTable(str(lake.path(key))).file_uris() for key in by_day if lake.exists(key)}
    return [str(f) for key in needed for f in lake.path(key).rglob("*.parquet") if str(f) not in needed[key]]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    three_days(tmp_path / "logs")
    return tmp_path / "logs"


def test_lines_are_accounted_for_and_histories_stored_once(tmp_path: Path, logs: Path):
    taken = take_all(tmp_path / "home", logs)
    assert (taken.lines, taken.records, taken.duplicates, taken.quarantined, taken.empty) == (8, 5, 1, 1, 1)
    lake = Lake(tmp_path / "home")
    spoken = [r for r in lake.rows("logs.messages") if r["conversation_id"] == "conv-a" and r["role"] != "system"]
    assert sorted(r["message_index"] for r in spoken) == [0, 1, 2, 3, 4, 5]
    turns = {row["trace_id"][:2]: row for row in lake.rows("logs.turns")}
    assert turns["c1"]["reply_id"] is None
    assert len({row["user_hash"] for row in turns.values()}) == 1
    assert "user-7" not in json.dumps(turns, default=str)


def test_taking_again_does_nothing(tmp_path: Path, logs: Path):
    take_all(tmp_path / "home", logs)
    before = tables(tmp_path / "home")
    assert take_all(tmp_path / "home", logs).days == []
    assert tables(tmp_path / "home") == before


def test_a_rebuild_from_nothing_equals_the_increments(tmp_path: Path, logs: Path):
    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        take_all(tmp_path / "steps", logs, [day])
    take_all(tmp_path / "whole", logs)
    assert tables(tmp_path / "steps") == tables(tmp_path / "whole")


def test_days_taken_out_of_order_end_the_same(tmp_path: Path, logs: Path):
    take_all(tmp_path / "mixed", logs, ["2026-11-03"])
    taken = take_all(tmp_path / "mixed", logs, ["2026-11-01"])
    assert taken.again == ["2026-11-03"]
    take_all(tmp_path / "mixed", logs)
    take_all(tmp_path / "whole", logs)
    assert tables(tmp_path / "mixed") == tables(tmp_path / "whole")


def test_a_file_that_comes_late_for_an_early_day_ends_the_same(tmp_path: Path, logs: Path):
    late = [chat("conv-d", "d1", "2026-11-01", [text("user", f"{SECRET} again")], "ok")]
    take_all(tmp_path / "late", logs)
    write_log(logs, "openai/2026-11-01-more.jsonl.gz", late)
    take_all(tmp_path / "late", logs)
    take_all(tmp_path / "whole", logs)
    assert tables(tmp_path / "late") == tables(tmp_path / "whole")


def test_a_value_recognised_later_is_removed_from_what_was_stored(tmp_path: Path, logs: Path):
    home = tmp_path / "home"
    take_all(home, logs, ["2026-11-01"])
    assert any(SECRET in (row["text"] or "") for row in Lake(home).rows("logs.messages")), "control: not yet recognised"
    taken = take_all(home, logs, ["2026-11-02"])
    assert taken.rewritten >= 1
    rows = Lake(home).rows("logs.messages")
    assert not any(SECRET in json.dumps(row, default=str) for row in rows)
    assert not any(SECRET.encode() in path.read_bytes() for path in home.rglob("*") if path.is_file())
    texts = {row["message_id"]: row["text"] for row in rows}
    for row in Lake(home).rows("logs.entities"):
        if row["field"] == "text":
            assert texts[row["message_id"]][row["start"] : row["end"]] == row["token"]


def test_one_value_has_one_token_on_every_day(tmp_path: Path, logs: Path):
    take_all(tmp_path / "home", logs)
    rows = [row for row in Lake(tmp_path / "home").rows("logs.entities") if row["type"] == "EMAIL_ADDRESS"]
    assert {row["token"] for row in rows} == {"<EMAIL_ADDRESS_1>"}
    assert {row["arrived_on"] for row in rows} == {"2026-11-01", "2026-11-03"}


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("intake.announced", marks=pytest.mark.slow),
        pytest.param("intake.turns_written", marks=pytest.mark.slow),
        pytest.param("intake.messages_written", marks=pytest.mark.slow),
        "intake.reveal_half_written",
        pytest.param("intake.reveal_written", marks=pytest.mark.slow),
        "intake.before_arrivals",
    ],
)
def test_a_kill_leaves_no_trace(tmp_path: Path, logs: Path, point: str):
    home = tmp_path / "home"
    take_all(home, logs, ["2026-11-01"])
    program = (
        "import sys; from pathlib import Path; from goldworks.lake import Lake; from goldworks.intake.take import Source, take;"
        "from goldworks.intake.policy import load_intake_policy; e = Path(sys.argv[3]);"
        "take(Lake(Path(sys.argv[1])), Source(sys.argv[2], e, load_intake_policy(e), 'off', 0), b'\\x01' * 32)"
    )
    arguments = [sys.executable, "-c", program, str(home), str(logs), str(EXPECTATIONS)]
    killed = subprocess.run(arguments, env={**os.environ, "GOLDWORKS_FAULT": point}, cwd=PROJECT_ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    take_all(home, logs)
    take_all(tmp_path / "whole", logs)
    assert tables(home) == tables(tmp_path / "whole")
    assert outdated(home) == []
    assert not any(SECRET.encode() in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_what_a_day_held_before_it_was_taken_again_is_gone_from_the_disk(tmp_path: Path, logs: Path):
    home = tmp_path / "home"
    take_all(home, logs)
    tables(home)
    write_log(logs, "otlp/2026-11-03.jsonl.gz", [chat("conv-b", "b9", "2026-11-03", [text("user", "hello")], "hi")])
    assert take_all(home, logs).days == ["2026-11-03"]
    tables(home)
    assert outdated(home) == []


def test_worker_processes_change_nothing(tmp_path: Path, logs: Path):
    take(Lake(tmp_path / "two"), replace(source(logs), workers=2), KEY)
    take_all(tmp_path / "none", logs)
    assert tables(tmp_path / "two") == tables(tmp_path / "none")


def test_a_second_intake_on_the_same_home_is_refused(tmp_path: Path, logs: Path):
    with alone(tmp_path / "home" / "intake.lock", "a test"), pytest.raises(BusyError, match="another intake"):
        take_all(tmp_path / "home", logs)


def test_a_day_whose_file_is_gone_is_not_dropped(tmp_path: Path, logs: Path):
    take_all(tmp_path / "home", logs)
    (logs / "otlp/2026-11-02.jsonl.gz").unlink()
    write_log(logs, "otlp/2026-11-01-late.jsonl.gz", [chat("conv-e", "e1", "2026-11-01", [text("user", "x")], "y")])
    with pytest.raises(InputError, match=r"2026-11-02 must be taken again .* 2026-11-01 .*2026-11-02\.jsonl\.gz is gone"):
        take_all(tmp_path / "home", logs)


def test_an_empty_or_absent_folder_and_a_file_before_the_first_day(tmp_path: Path):
    with pytest.raises(InputError, match="no log folder"):
        take_all(tmp_path / "home", tmp_path / "absent")
    (tmp_path / "logs").mkdir()
    with pytest.raises(InputError, match="no log file below"):
        take_all(tmp_path / "home", tmp_path / "logs")
    write_log(tmp_path / "logs", "2019-01-01.jsonl.gz", ["{}"])
    with pytest.raises(InputError, match="first_day"):
        take_all(tmp_path / "home", tmp_path / "logs")


def test_a_file_without_a_date_keeps_the_day_it_was_first_seen(tmp_path: Path):
    write_log(tmp_path / "logs", "today.jsonl.gz", [chat("conv-a", "a1", "2026-11-01", [text("user", "hi")], "hello")])
    take_all(tmp_path / "home", tmp_path / "logs")
    lake = Lake(tmp_path / "home")
    rows = lake.rows("logs.arrivals")
    lake.replace("logs.arrivals", [], {"arrived_on": rows[0]["arrived_on"]})
    lake.replace("logs.arrivals", [{**rows[0], "arrived_on": "2026-10-05", "sha256": ""}], {"arrived_on": "2026-10-05"})
    assert plan(lake, source(tmp_path / "logs"), KEY).due == ("2026-10-05",), "announced on an earlier day, and killed"


def test_a_tools_answer_carries_the_name_of_the_tool_that_was_called(tmp_path: Path):
    call = {"role": "assistant", "parts": [{"type": "tool_call", "id": "call-1", "name": "find_order", "arguments": {"id": 7}}]}
    answer = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call-1", "response": {"state": "sent"}}]}
    history = [text("user", "where is it?"), call, answer]
    write_log(tmp_path / "logs", "2026-11-01.jsonl.gz", [chat("conv-a", "a1", "2026-11-01", history, "It was sent.")])
    take_all(tmp_path / "home", tmp_path / "logs")
    lake = Lake(tmp_path / "home")
    assert [row["tool_name"] for row in lake.rows("logs.messages") if row["role"] == "tool"] == ["find_order"]
    merge_conversations(lake, load_use_cases(EXPECTATIONS / "use_cases.yml"))
    assert lake.rows("logs.conversations")[0]["tools"] == ["find_order"]


def test_a_call_whose_id_looks_personal_is_one_call(tmp_path: Path):
    call_id = "4111111111111111"
    call = {"role": "assistant", "parts": [{"type": "tool_call", "id": call_id, "name": "find_order", "arguments": {"n": 7}}]}
    answer = {"role": "tool", "parts": [{"type": "tool_call_response", "id": call_id, "response": {"state": "sent"}}]}
    line = json.loads(chat("conv-a", "a1", "2026-11-01", [text("user", "where is it?"), call, answer], "It was sent."))
    spans = line["resourceSpans"][0]["scopeSpans"][0]["spans"]
    names = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "find_order", "gen_ai.tool.call.id": call_id}
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in names.items()]
    spans.append({**spans[0], "spanId": "b" * 16, "attributes": attributes})
    write_log(tmp_path / "logs", "2026-11-01.jsonl.gz", [json.dumps(line)])
    take_all(tmp_path / "home", tmp_path / "logs")
    rows = Lake(tmp_path / "home").rows("logs.messages")
    assert call_id not in json.dumps(rows, default=str)
    (tool,) = [row for row in rows if row["role"] == "tool"]
    (asked,) = [json.loads(row["tool_calls"]) for row in rows if row["tool_calls"]]
    assert tool["tool_name"] == "find_order"
    assert asked[0]["id"] == tool["tool_call_id"]
