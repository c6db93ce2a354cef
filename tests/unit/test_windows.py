"""What counts of production show: a reduction between two windows, and how much of an error budget is spent."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from goldworks.release.windows import load_production_policy, reduced, spent
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics.burn_rate import Window
from pipelines.cli import app


def test_what_ships_are_the_numbers_of_the_tiers():
    policy = load_production_policy(PROJECT_ROOT / "expectations")
    assert policy.reduction == {"T1": 0.6, "T2": 0.7, "T3": 0.8}
    assert policy.most_bad_rate == {"T1": 0.001, "T2": 0.002, "T3": 0.005}


def test_a_third_less_of_six_hundred_is_no_proof_of_a_fifth_less():
    """60 and 40 of 600: a ratio of .667, whose one-sided 95 % upper bound is .92."""
    found = reduced(Window(60, 600), Window(40, 600), 0.8)
    assert found.status == "inconclusive"
    assert found.ratio.high == pytest.approx(0.92, abs=5e-3)


@pytest.mark.parametrize(("after", "status"), [(430, "pass"), (530, "inconclusive"), (780, "fail")])
def test_a_reduction_is_shown_ruled_out_or_neither(after: int, status: str):
    assert reduced(Window(780, 7800), Window(after, 7800), 0.7).status == status


def test_without_conversations_nothing_is_shown():
    assert reduced(Window(0, 0), Window(1, 10), 0.8).status == "inconclusive"
    with pytest.raises(ValueError, match="there are none"):
        spent(Window(0, 0), 0.001, 0.5)


def test_a_budget_line_crossed_by_chance_is_not_overspent():
    """99.9 % at 1,000 a day: 28 events in 28 days; 29 and more come 45 times in 100 when exactly on target."""
    at_target = spent(Window(29, 28_000), 0.001, 0.5)
    assert at_target.allowed == pytest.approx(28)
    assert at_target.chance == pytest.approx(0.45, abs=0.005)
    assert at_target.action == "review"
    assert spent(Window(38, 28_000), 0.001, 0.5).action == "only_fixes"
    assert spent(Window(14, 28_000), 0.001, 0.5).action == "go_on"
    assert spent(Window(15, 14_000), 0.001, 0.5, 28_000).action == "review"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["reduction", "--use-case", "harbor-orders", "--before", "780/7800", "--after", "390/7800"], 0, "PASS."),
        (["reduction", "--use-case", "harbor-orders", "--before", "60/600", "--after", "40/600"], 3, "INCONCLUSIVE."),
        (["reduction", "--use-case", "harbor-orders", "--before", "60/600", "--after", "60/600"], 1, "FAIL."),
        (["reduction", "--use-case", "harbor-orders", "--before", "61/60", "--after", "1/60"], 2, ""),
        (["reduction", "--use-case", "harbor-orders", "--before", "0/10", "--after", "3/100"], 3, "INCONCLUSIVE."),
        (["budget", "--use-case", "harbor-orders", "--bad", "9/28000"], 0, "GO ON."),
        (["budget", "--use-case", "harbor-orders", "--bad", "9/28000", "--conversations", "27999"], 2, ""),
        (["budget", "--use-case", "harbor-orders", "--bad", "20/20000", "--conversations", "28000"], 3, "EXTRA REVIEW"),
        (["budget", "--use-case", "harbor-orders", "--bad", "60/28000"], 1, "ONLY FIXES"),
    ],
)
def test_the_commands(arguments: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(PROJECT_ROOT / "expectations"))
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == code, found.output
    assert said in found.stdout
    if code != 2:
        plain = orjson.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
        assert plain["words"].startswith(said.rstrip("."))


def test_a_ratio_that_half_an_event_made_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """From none in ten to three in a hundred would else read as a fall to 0.73 times."""
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(PROJECT_ROOT / "expectations"))
    counts = ["reduction", "--use-case", "harbor-orders", "--before"]
    assert "half an event added to each side" in CliRunner().invoke(app, [*counts, "0/10", "--after", "3/100"]).stdout
    assert "half an event" not in CliRunner().invoke(app, [*counts, "1/10", "--after", "3/100"]).stdout
