"""Aggregates of two runs over the same cases: by value, against resampling written out, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from scored_by_hand import case

from goldworks.evaluation.aggregates import AGGREGATES
from goldworks.evaluation.aggregates.protocol import Aggregated, Part, Scored, Tally, ratio
from goldworks.evaluation.compare import Side, compare_sides
from goldworks.evaluation.scorers.counts import with_counts
from goldworks.evaluation.scorers.labels import Decision, detail_of
from goldworks.evaluation.scorers.preference import FIRST
from goldworks.evaluation.wholes import paired
from goldworks.golden.case import Case, Expected, Pair
from goldworks.statistics import difference_of, paired_difference
from goldworks.statistics.resampling import RESAMPLES, bootstrap_counts
from goldworks.statistics.wholes import paired_whole

LABELS = ["refund", "order", "other"]


def counts(values: list[float]) -> np.ndarray:
    return np.array([[value, 1.0] for value in values])


def runs(cases: int, flipped: float = 0.05) -> tuple[list[float], list[float]]:
    """Values of two runs that differ in that share of the cases."""
    random = np.random.default_rng(1)
    base = random.integers(0, 2, cases).astype(float)
    flips = random.random(cases) < flipped
    return base.tolist(), np.where(flips, 1 - base, base).tolist()


def test_of_a_mean_it_is_the_paired_difference():
    base, candidate = runs(200)
    clusters = [f"c{number // 2}" for number in range(200)]
    found = paired_whole(counts(base), counts(candidate), clusters, ratio, ratio, seed=7).difference
    wanted = paired_difference(base, candidate, clusters, seed=7)
    assert found.value == pytest.approx(wanted.value)
    assert (found.n, found.n_clusters, found.method) == (200, 100, "paired_bootstrap_bca")
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=0.01)
    assert found == paired_whole(counts(base), counts(candidate), clusters, ratio, ratio, seed=7).difference, "seeded"


def of_twenty(sums: np.ndarray) -> np.ndarray:
    """A number that there is of twenty units only, so not without one of them."""
    return np.where(sums[..., 1] == 20, ratio(sums), np.nan)


def test_the_same_clusters_are_drawn_in_both_runs():
    base, candidate = runs(20, 0.3)
    found = paired_whole(counts(base), counts(candidate), range(20), of_twenty, of_twenty, seed=3).difference
    draws = [
        [(times[g] * (candidate[g] - base[g])) for g in range(20)]
        for block in bootstrap_counts(20, 3, RESAMPLES)
        for times in block
    ]
    low, high = np.quantile([sum(one) / 20 for one in draws], [0.025, 0.975])
    assert (found.method, found.low, found.high) == ("paired_bootstrap_percentile", pytest.approx(low), pytest.approx(high))


def test_below_thirty_clusters_it_is_the_t_of_a_paired_difference():
    """A mean's jackknife is its standard error; the percentile of ten or fifteen would hold 90 times in 100."""
    random = np.random.default_rng(2)
    base, candidate = random.random(15).tolist(), random.random(15).tolist()
    found = paired_whole(counts(base), counts(candidate), range(15), ratio, ratio).difference
    wanted = paired_difference(base, candidate)
    assert (found.method, wanted.method) == ("paired_jackknife_t", "paired_t")
    assert (found.low, found.high) == (pytest.approx(wanted.low), pytest.approx(wanted.high))


def test_an_end_is_never_nearer_than_that_of_t():
    """Five of a hundred cases differ."""
    candidate = [0.5 + step for step in (0.4, 0.3, 0.3, 0.1, -0.1)] + [0.5] * 95
    found = paired_whole(counts([0.5] * 100), counts(candidate), range(100), ratio, ratio, seed=3).difference
    wanted = paired_difference([0.5] * 100, candidate, seed=3)
    assert found.method == "paired_bootstrap_bca"
    assert found.low == pytest.approx(wanted.low), "the end of t"


def test_pairing_is_sharper_than_holding_two_intervals_against_each_other():
    base, candidate = runs(300)
    found = paired_whole(counts(base), counts(candidate), range(300), ratio, ratio)
    loose = difference_of(found.base, found.candidate)
    assert found.difference.high - found.difference.low < 0.6 * (loose.high - loose.low)


def test_few_clusters_take_the_jackknife_and_t():
    base, candidate = [0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 1.0, 1.0]
    found = paired_whole(counts(base), counts(candidate), range(4), ratio, ratio).difference
    error = np.std([1.0, 0.0, 0.0, 1.0], ddof=1) / 2  # of a mean the jackknife's error is the usual one
    assert (found.value, found.method, found.note) == (0.5, "paired_jackknife_t", "only 4 clusters")
    assert found.high - found.value == pytest.approx(3.182446 * error, rel=1e-5)


@pytest.mark.parametrize(
    ("clusters", "values", "reason"),
    [(["a", "a"], [0.0, 1.0], "n_too_small"), ([], [], "n_zero")],
)
def test_what_cannot_be_estimated_says_why(clusters, values, reason):
    shape = counts(values) if values else np.zeros((0, 2))
    found = paired_whole(shape, shape, clusters, ratio, ratio, n_missing=3).difference
    assert (found.low, found.reason, found.n_missing) == (None, reason, 3)


def test_two_identical_runs_still_have_an_interval():
    base, _ = runs(100)
    found = paired_whole(counts(base), counts(base), range(100), ratio, ratio).difference
    assert (found.value, found.method) == (0.0, "paired_constant")
    assert found.high == -found.low == pytest.approx(0.036993, abs=1e-5)


def test_the_interval_holds_a_known_difference_as_often_as_it_says():
    random = np.random.default_rng(5)
    held = 0
    for trial in range(200):
        hard = random.random(40)
        base, candidate = (random.random(40) < chance for chance in (hard * 0.8, hard * 0.8 + 0.1))
        found = paired_whole(
            counts(base.astype(float).tolist()), counts(candidate.astype(float).tolist()), range(40), ratio, ratio, seed=trial
        ).difference
        held += found.low <= 0.1 <= found.high
    assert held >= 182


SCORES = {
    "macro_f1": {},
    "pass_k": {"k": 2},
    "pooled_share": {},
    "per_argument": {},
    "position_consistency": {},
    "share_of_cases": {"repeats": "most"},
    "paired_gap": {"attribute": "name"},
    "segment_floor": {"by": "tier", "least": 2},
}


def scores_for(name: str) -> list[Scored]:
    """60 scores of 30 cases, some missing, with the detail that the aggregate reads."""
    random = np.random.default_rng(11)
    found: list[Scored] = []
    for number in range(30):
        made = _case(name, number)
        for repeat in range(2):
            value: float | None = float(random.integers(0, 2))
            detail: str | None = None
            if name == "macro_f1":
                said = LABELS[int(random.integers(0, 3))]
                value, detail = float(said == LABELS[number % 3]), detail_of(Decision(LABELS[number % 3], said))
            elif name == "pooled_share":
                part = int(random.integers(0, 4))
                value, detail = part / 3, f"{part} of 3"
            elif name == "position_consistency":
                detail = ["won", "lost", FIRST][int(random.integers(0, 3))]
            elif name == "per_argument":
                detail = with_counts("call", {"find.date": (int(value), 1)})
            is_lost = number % 10 == 9
            reason = "missing_answer" if is_lost else None
            found.append(
                Scored(
                    made.case_id, repeat, f"c{number // 2}", None if is_lost else value, reason, None if is_lost else detail, made
                )
            )
    return found


def _case(name: str, number: int) -> Case:
    made = replace_case(case({"role": "user", "text": "q"}), case_id=f"case{number:02}", tier=f"T{1 + number % 3}")
    if name != "paired_gap":
        return made
    pair = Pair(id=f"pair{number // 2}", attribute="name", variant="original" if number % 2 == 0 else "other")
    return replace_case(made, expected=Expected(pair=pair))


def replace_case(one: Case, **changes: Any) -> Case:
    return msgspec.structs.replace(one, **changes)


def test_every_aggregate_can_be_paired():
    assert SCORES.keys() == AGGREGATES.keys()


@pytest.mark.parametrize("name", sorted(SCORES))
def test_the_added_counts_give_the_number_of_the_run(name):
    kind = AGGREGATES[name]
    made = kind(kind.Settings.model_validate(SCORES[name]))
    scores = scores_for(name)
    estimate, tally = made.over(scores, confidence=0.95, seed=1).estimate, made.tally(scores)
    assert tally is not None
    whole = tally.whole_of(np.array([part.counts for part in tally.parts if part.counts is not None]).sum(axis=0))
    assert estimate.value is not None
    assert float(whole) == pytest.approx(estimate.value)
    assert any(part.counts is None for part in tally.parts), "cases without a value are there, to be counted as missing"
    same = paired(
        Aggregated(estimate, tally=tally),
        Aggregated(estimate, tally=tally),
        {score.case_id for score in scores},
        confidence=0.95,
        seed=1,
    )
    assert same is not None
    assert (same.difference.value, same.base, same.candidate) == (0.0, estimate, estimate)
    assert same.difference.n_missing > 0


def test_a_unit_that_one_run_lacks_is_left_out_of_both_and_counted():
    of = {
        "base": [1.0, 1.0, None, 1.0, 0.0, *[1.0] * 10],
        "candidate": [1.0, 0.0, 1.0, None, 0.0, *[1.0] * 10],
    }
    kind = AGGREGATES["share_of_cases"]
    sides: dict[str, Aggregated] = {}
    for name, values in of.items():
        scores = [
            Scored(f"case{n:02}", 0, f"c{n}", value, None if value is not None else "missing_answer", None, None)
            for n, value in enumerate(values)
        ]
        made = kind(kind.Settings())
        found = made.over(scores, confidence=0.95, seed=0)
        sides[name] = replace(found, tally=made.tally(scores))
    common = {f"case{n:02}" for n in range(14)}  # the last case is another one in the candidate's version
    found = paired(sides["base"], sides["candidate"], common, confidence=0.95, seed=0)
    assert found is not None
    assert (found.base.value, found.candidate.value) == (pytest.approx(11 / 12), pytest.approx(10 / 12))
    assert (found.difference.value, found.difference.n, found.difference.n_missing) == (pytest.approx(-1 / 12), 12, 2)


def test_an_aggregate_without_counts_is_compared_unpaired_and_said_so():
    names = [f"case{n}" for n in range(12)]
    values = dict.fromkeys(names, 1.0)
    tally = Tally((2,), tuple(Part((name,), name, (1.0, 1.0)) for name in names), ratio)
    row = {"use_case": "u", "version_id": "v", "target_kind": "http", "missing": 0}
    estimate = paired_whole(counts([1.0] * 12), counts([1.0] * 12), names, ratio, ratio).base
    sides = [
        Side({**row, "run_id": run_id}, {"m": values}, {n: n for n in names}, dict.fromkeys(names, "d"), {"m": "s"}, wholes)
        for run_id, wholes in (
            ("a", {"own": Aggregated(estimate), "ours": Aggregated(estimate, tally=tally)}),
            ("b", {"own": Aggregated(estimate), "ours": Aggregated(estimate, tally=tally)}),
        )
    ]
    found = compare_sides(*sides)
    by_name = {one.metric: one for one in found.metrics}
    assert (by_name["own"].is_paired, by_name["own"].difference.method) == (False, "square_and_add")
    assert (by_name["ours"].is_paired, by_name["ours"].difference.method) == (True, "paired_constant")
    assert [warning for warning in found.warnings if warning.endswith("case by case: own")] == list(found.warnings)
