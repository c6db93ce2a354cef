"""Answers of another tool, judged by a suite of ours: its caps hold, and what did not fit is judged later."""

from __future__ import annotations

from pathlib import Path

import pytest
from bridge_cases import FOLDER, KEY, write_shop

from goldworks.errors import InputError
from goldworks.evaluation.imports import FORMATS, import_log
from goldworks.evaluation.imports.matching import only
from goldworks.evaluation.prices import PriceTable
from goldworks.evaluation.result import RunResult
from goldworks.lake import Lake
from tests.unit.test_judges import LEVELS, PRICES, Endpoint, Nothing, endpoint, suite

__all__ = ["endpoint"]
FILE = FOLDER / "promptfoo" / "output.json"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "home")
    write_shop(lake)
    return lake


def bring(lake: Lake, judge: Endpoint, prices: PriceTable | None = PRICES, **caps: float) -> RunResult:
    judge.usage = {"prompt_tokens": 100, "completion_tokens": 20}
    model = judge.model(max_tokens=16)
    settings = {"model": {**model, "limits": {**model["limits"], "concurrency": 1}}, "rubric": "It helps.", "levels": LEVELS}
    checks = suite("judge", settings).model_copy(update=caps)
    log = only(FORMATS["promptfoo"](FILE), None, None)
    return import_log(lake, log, FILE.read_bytes(), Nothing(), KEY, use_case="shop", suite=checks, prices=prices).result


def test_what_passes_the_cap_of_the_suite_is_judged_under_a_higher_one(lake: Lake, endpoint: Endpoint):
    """A judgment takes 120 tokens, and is expected to take a few hundred."""
    first = bring(lake, endpoint, max_tokens=700)
    asked = len(endpoint.asked)
    assert 0 < asked <= 5
    assert (first.status, first.row["stopped"], first.row["answers"]) == ("inconclusive", "judging_budget", 14)
    assert str(first.because).endswith("judgments would have passed the cap; with a higher one the run asks for them")
    second = bring(lake, endpoint, max_tokens=100_000)
    assert (second.run_id, second.row["stopped"], second.because) == (first.run_id, None, None)
    whole = len(endpoint.asked)
    assert whole > asked
    assert (bring(lake, endpoint).is_new, len(endpoint.asked)) == (False, whole)


def test_a_cap_in_dollars_refuses_a_judge_without_a_price(lake: Lake, endpoint: Endpoint):
    with pytest.raises(InputError, match="the price of judge-1"):
        bring(lake, endpoint, prices=None, max_cost_usd=1.0)
    assert not endpoint.asked
    assert lake.rows("evals.runs") == []
