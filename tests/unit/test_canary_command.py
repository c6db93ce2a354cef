"""`goldworks canary` on logs of two releases: what counts as a failure, what is left out, what follows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.release.canary import in_words, watch
from pipelines.cli import main


def conversation(number: int, release: str, **values: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "conversation_id": f"{release}-{number}",
        "service": "shop",
        "use_case": "shop",
        "release": release,
        "is_mixed_release": False,
        "user_hash": f"user-{release}-{number}",
        "occurred_on": "2026-11-05",
        "turns": 1,
        "messages": 2,
        "user_messages": 1,
        "tools": [],
        "tool_calls": 0,
        "retrievals": 0,
        "missing_replies": 0,
        "outcome": "answered",
        "entities": 0,
        "withheld": 0,
        "first_arrived_on": "2026-11-05",
        "last_arrived_on": "2026-11-05",
    }
    return plain | values


def write(home: Path, failures: dict[str, int], of: int = 1000) -> Lake:
    lake = Lake(home)
    rows = [
        conversation(number, release, outcome="error" if number < failed else "answered")
        for release, failed in failures.items()
        for number in range(of)
    ]
    lake.replace("logs.conversations", rows)
    return lake


@pytest.mark.parametrize(
    ("failures", "action"),
    [({"1": 5, "2": 20}, "roll_back"), ({"1": 140, "2": 60}, "promote"), ({"1": 10, "2": 10}, "go_on")],
)
def test_what_follows(tmp_path: Path, failures: dict[str, int], action: str):
    """20 of 25 failures are the canary's at an even split: e-value 24.29, the worked number."""
    found = watch(write(tmp_path, failures), "shop", "1", "2", 0.5)
    assert found.reading.action == action
    if action == "roll_back":
        assert found.reading.evidence_worse == pytest.approx(24.290515)
        assert in_words(found, "1", "2", 0.5).startswith(
            "ROLL BACK. It is worse, and not by chance. 20 of 1000 conversations of 2"
        )


def test_a_thumb_down_is_a_failure_and_mixed_conversations_are_left_out(tmp_path: Path):
    lake = Lake(tmp_path)
    rows = [
        conversation(0, "1", feedback_score=-1.0),
        conversation(1, "1", feedback_score=1.0),
        conversation(2, "1", outcome="no_reply", is_mixed_release=True),
        conversation(0, "2", outcome="no_reply"),
        conversation(1, "2", occurred_on="2026-11-01", outcome="error"),
    ]
    lake.replace("logs.conversations", rows)
    found = watch(lake, "shop", "1", "2", 0.5, since=dt.date(2026, 11, 2))
    assert (found.baseline_failures, found.baseline_units, found.canary_failures, found.canary_units) == (1, 2, 1, 1)
    assert found.left_out == 1


def test_by_user_a_user_counts_once_and_one_of_both_releases_not_at_all(tmp_path: Path):
    lake = Lake(tmp_path)
    rows = [
        conversation(0, "1", user_hash="a", outcome="error"),
        conversation(1, "1", user_hash="a"),
        conversation(2, "1", user_hash="b"),
        conversation(0, "2", user_hash="b"),
        conversation(1, "2", user_hash="c"),
    ]
    lake.replace("logs.conversations", rows)
    found = watch(lake, "shop", "1", "2", 0.5, by_user=True)
    assert (found.baseline_failures, found.baseline_units, found.canary_units, found.left_out) == (1, 1, 1, 1)


def test_another_split_than_was_set_is_said(tmp_path: Path):
    found = watch(write(tmp_path, {"1": 10, "2": 10}), "shop", "1", "2", 0.1)
    assert "The logs have 50.0% of the traffic on it, not 10.0%" in in_words(found, "1", "2", 0.1)


def test_what_cannot_be_read_is_refused(tmp_path: Path):
    lake = write(tmp_path, {"1": 10, "2": 10}, of=20)
    with pytest.raises(InputError, match="no conversations of shop 3"):
        watch(lake, "shop", "1", "3", 0.5)
    with pytest.raises(InputError, match="is no share"):
        watch(lake, "shop", "1", "2", 10)


def test_the_command_ends_with_what_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path))
    write(tmp_path, {"1": 5, "2": 20})
    with pytest.raises(SystemExit) as ended:
        main(["canary", "--use-case", "shop", "--baseline", "1", "--release", "2", "--share", "0.5"])
    assert ended.value.code == 1
    assert capsys.readouterr().out.startswith("ROLL BACK.")
