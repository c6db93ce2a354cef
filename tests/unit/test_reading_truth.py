"""Reading the development logs: every damaged line gets exactly the reason the truth files name, every other is usable."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest

from goldworks.conversations.reading import LogFile

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
DAMAGE = {"truncated_json", "invalid_utf8", "wrong_types", "missing_conversation_id", "empty_line", "truncated_gzip"}


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def check(folder: Path, truth: Path) -> None:
    damage: dict[str, dict[object, str]] = defaultdict(dict)
    for row in rows(truth / "dirt.jsonl"):
        if row["kind"] in DAMAGE:
            damage[str(row["file"])][row["line"]] = str(row["kind"])
    for stated in rows(truth / "files.jsonl"):
        name = str(stated["file"])
        file = LogFile(str(folder / name))
        found = {}
        usable = total = 0
        for line in file:
            total += 1
            if line.unusable is not None:
                found[line.number] = line.unusable.reason
            elif line.is_empty:
                found[line.number] = "empty_line"
            else:
                usable += 1
        assert found == damage[name], name
        cut = "truncated_gzip" in damage[name].values()
        assert (total - cut, file.is_incomplete) == (stated["lines"], cut), name
        assert (file.sha256, file.size_bytes) == (stated["sha256"], stated["bytes"]), name
        assert file.dialect == name.partition("/")[0]


def test_sample() -> None:
    if not DATA.is_dir():
        pytest.skip("the development data is not beside this checkout: ../shared/data")
    check(DATA / "sample" / "logs", DATA / "sample" / "truth")


@pytest.mark.full
def test_all_logs() -> None:
    if not DATA.is_dir():
        pytest.skip("the development data is not beside this checkout: ../shared/data")
    check(DATA / "logs", DATA / "truth")


def test_planted_values_stand_where_the_truth_says() -> None:
    """What was read is what was written: each planted value at its code points in the right message or tool value."""
    if not DATA.is_dir():
        pytest.skip("the development data is not beside this checkout: ../shared/data")
    turns = {
        span_id: turn
        for path in sorted((DATA / "sample" / "logs").rglob("*.jsonl.gz"))
        for line in LogFile(str(path))
        for turn in line.turns
        for span_id in turn.span_ids
    }
    checked = 0
    planted = gzip.decompress((DATA / "sample" / "truth" / "pii_spans.jsonl.gz").read_bytes())
    for row in map(json.loads, planted.splitlines()):
        if row["line_state"] != "ok":
            continue
        turn = turns[row["span_id"]]
        if row["field"] == "message_text":
            text = turn.history[row["message_index"]].text
        else:
            (run,) = (run for run in turn.tool_runs if run.span_id == row["span_id"])
            text = (run.arguments if row["field"] == "tool_call_arguments" else run.result)[row["key"]]
        assert text is not None
        assert text[row["start"] : row["end"]] == row["text"], row["span_id"]
        checked += 1
    assert checked == 213
