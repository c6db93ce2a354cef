"""`goldworks canary` on logs of two releases: what counts as a failure, what is left out, what follows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.release.canary import Split, in_words, watch
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
    found = watch(write(tmp_path, failures), "shop", "1", "2", [Split(0.5)])
    assert found.reading.action == action
    if action == "roll_back":
        assert found.reading.evidence_worse == pytest.approx(24.290515)
        assert in_words(found, "1", "2").startswith("ROLL BACK. It is worse, and not by chance. 20 of 1000 conversations of 2")


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
    found = watch(lake, "shop", "1", "2", [Split(0.5, dt.date(2026, 11, 2))])
    (seen,) = found.seen
    assert (seen.baseline_failures, seen.baseline_units, seen.canary_failures, seen.canary_units) == (1, 2, 1, 1)
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
    found = watch(lake, "shop", "1", "2", [Split(0.5)], by_user=True)
    (seen,) = found.seen
    assert (seen.baseline_failures, seen.baseline_units, seen.canary_units, found.left_out) == (1, 1, 1, 1)


def test_another_split_than_was_set_is_said(tmp_path: Path):
    found = watch(write(tmp_path, {"1": 10, "2": 10}), "shop", "1", "2", [Split(0.1)])
    assert "The logs have 50.0% of the traffic on it, not 10.0%" in in_words(found, "1", "2")


def test_with_another_share_than_was_set_nothing_is_promoted(tmp_path: Path):
    """One in eleven came to it in the place of half: it fails as often, and ten times as seldom in all."""
    lake = Lake(tmp_path)
    rows = [
        conversation(number, release, outcome="error" if number % 5 == 0 else "answered")
        for release, of in (("1", 500), ("2", 50))
        for number in range(of)
    ]
    lake.replace("logs.conversations", rows)
    found = watch(lake, "shop", "1", "2", [Split(0.5)])
    assert (found.reading.action, found.action) == ("promote", "go_on")
    words = in_words(found, "1", "2")
    assert words.startswith("GO ON. By the share that was set it could be promoted, but the logs have another one. 10 of 50")
    assert "have 9.1% of the traffic on it, not 50.0%: mend the split" in words
    meant = watch(lake, "shop", "1", "2", [Split(0.1)])
    assert meant.action == meant.reading.action == "go_on"
    assert "mend the split" not in in_words(meant, "1", "2")


def test_what_cannot_be_read_is_refused(tmp_path: Path):
    lake = write(tmp_path, {"1": 10, "2": 10}, of=20)
    with pytest.raises(InputError, match="no conversations of shop 3"):
        watch(lake, "shop", "1", "3", [Split(0.5)])
    with pytest.raises(InputError, match="is no share"):
        watch(lake, "shop", "1", "2", [Split(10)])


def test_without_a_first_day_what_failed_before_the_canary_is_not_held_against_the_baseline(tmp_path: Path):
    lake = Lake(tmp_path)
    before = [conversation(number, "1", occurred_on="2026-11-01", outcome="error") for number in range(50)]
    lake.replace("logs.conversations", [*before, conversation(50, "1"), conversation(0, "2", outcome="error")])
    found = watch(lake, "shop", "1", "2", [Split(0.5)])
    assert (found.seen[0].baseline_units, found.seen[0].baseline_failures, found.days) == (1, 0, 1)


def test_a_share_that_was_raised_counts_each_failure_at_the_share_of_its_day(tmp_path: Path):
    lake = Lake(tmp_path)
    rows: list[dict[str, Any]] = []
    for day, old, new in (("2026-11-02", 90, 10), ("2026-11-05", 50, 50)):
        for release, number in (("1", old), ("2", new)):
            rows += [conversation(len(rows) + n, release, occurred_on=day, outcome="error") for n in range(number)]
    lake.replace("logs.conversations", rows)
    raised = [Split(0.1, dt.date(2026, 11, 2)), Split(0.5, dt.date(2026, 11, 5))]
    found = watch(lake, "shop", "1", "2", raised)
    assert [(one.baseline_failures, one.canary_failures) for one in found.seen] == [(90, 10), (50, 50)]
    assert found.reading.ratio == pytest.approx(1.0)
    assert "mend the split" not in in_words(found, "1", "2")
    with pytest.raises(InputError, match="oldest first"):
        watch(lake, "shop", "1", "2", raised[::-1])
    once = watch(lake, "shop", "1", "2", [Split(0.1, dt.date(2026, 11, 2))])
    assert once.reading.action == "roll_back", "as if the share had never been raised"


def test_after_the_planned_days_what_is_not_shown_is_inconclusive(tmp_path: Path):
    lake = write(tmp_path, {"1": 10, "2": 10})
    assert not watch(lake, "shop", "1", "2", [Split(0.5, dt.date(2026, 10, 10))]).is_over
    over = watch(lake, "shop", "1", "2", [Split(0.5, dt.date(2026, 10, 9))])
    assert (over.days, over.is_over) == (28, True)
    assert in_words(over, "1", "2").startswith("INCONCLUSIVE. The planned days are over (28 days of logs)")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--release", "2", "--share", "0.5"], 1, "ROLL BACK."),
        (["--release", "3", "--share", "0.5"], 4, "no conversations of shop 3"),
        (["--release", "1", "--share", "0.5"], 4, "both releases are 1"),
        (["--release", "2", "--share", "5"], 4, "5.0 is no share of the traffic"),
        (["--release", "2", "--share", "half"], 2, "DAY=SHARE"),
        (["--release", "2", "--share", "2026-11-02=0.5", "--since", "2026-11-02"], 2, "each --share has its own"),
    ],
)
def test_the_command_ends_with_what_follows_and_an_error_rolls_nothing_back(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
):
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    write(tmp_path, {"1": 5, "2": 20})
    with pytest.raises(SystemExit) as ended:
        main(["canary", "--use-case", "shop", "--baseline", "1", *arguments])
    assert ended.value.code == code
    printed = capsys.readouterr()
    assert said in printed.out + printed.err
