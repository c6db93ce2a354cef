"""Sampling plans and the rates that follow, against worked values and by simulation."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from goldworks.statistics.hash_sampling import is_drawn, uniform
from goldworks.statistics.human_rate import Stratum, post_stratified
from goldworks.statistics.intervals import clopper_pearson_high
from goldworks.statistics.sampling import (
    Segment,
    cases_for_half_width,
    effective_items,
    hajek,
    horvitz_thompson,
    neyman,
    smoothed_deviation,
    stratified_rate,
)


def test_weighted_estimates_of_five_items():
    y, pi = [1, 0, 1, 1, 0], [0.1, 0.25, 0.5, 1.0, 1.0]
    total = horvitz_thompson(y, pi, 20, confidence=0.6826894921370859)
    assert (total.value, total.high - total.value) == pytest.approx((0.65, 0.479583), abs=5e-7)
    ratio = hajek(y, pi, confidence=0.6826894921370859)
    assert ratio.value == pytest.approx(0.722222, abs=5e-7)
    assert ratio.value - ratio.low == pytest.approx(0.203048, abs=5e-7)
    assert effective_items(pi) == pytest.approx(2.6557, abs=5e-5)
    assert hajek([], []).reason == horvitz_thompson([], [], 5).reason == "n_zero"
    with pytest.raises(ValueError, match="inclusion probability"):
        hajek([1], [0.0])


def test_neyman_allocation_with_floors():
    segments = {"a": Segment(8000, 0.1), "b": Segment(1500, 0.3), "c": Segment(500, 0.45)}
    assert neyman(segments, 400, floor=30) == {"a": 217, "b": 122, "c": 61}
    rare = {"a": Segment(9000, 0.3), "b": Segment(200, 0.3), "c": Segment(100, 0.3)}
    assert neyman(rare, 200, floor=30) == {"a": 140, "b": 30, "c": 30}
    small = neyman({"a": Segment(1000, 0.1), "b": Segment(20, 0.5)}, 200, floor=30)
    assert small == {"a": 180, "b": 20}
    everything = neyman({"a": Segment(10, 0.1), "b": Segment(20, 0.5)}, 200)
    assert everything == {"a": 10, "b": 20}
    with pytest.raises(ValueError, match="floors need 60"):
        neyman({"a": Segment(100, 0.1), "b": Segment(200, 0.5)}, 50, floor=30)
    assert smoothed_deviation(0, 100) > 0


def test_stratified_rate_with_its_finite_population():
    found = stratified_rate([Stratum("a", 1000, 50, 5), Stratum("b", 100, 40, 20)], confidence=0.6826894921370859)
    value = (1000 * 0.1 + 100 * 0.5) / 1100
    variance = (10 / 11) ** 2 * 0.95 * 0.09 / 49 + (1 / 11) ** 2 * 0.6 * 0.25 / 39
    assert (found.value, found.high - found.value) == pytest.approx((value, sqrt(variance)))
    assert stratified_rate([Stratum("a", 10, 10, 4)]).high == 0.4
    assert stratified_rate([Stratum("a", 10, 5, 4), Stratum("b", 5, 0, 0)]).reason == "n_too_small"
    assert stratified_rate([Stratum("a", 10, 1, 1)]).low is None
    assert stratified_rate([]).reason == "n_zero"


@pytest.mark.parametrize(
    ("rate", "half_width", "cases", "of_thousand"),
    [(0.9, 0.05, 139, 122), (0.9, 0.03, 385, 278), (0.95, 0.02, 457, 314), (0.5, 0.05, 385, 278), (0.02, 0.01, 753, 430)],
)
def test_items_for_a_half_width(rate, half_width, cases, of_thousand):
    assert cases_for_half_width(rate, half_width) == cases
    assert cases_for_half_width(rate, half_width, population=1000) == of_thousand


def test_what_a_floor_without_failure_proves():
    found = [clopper_pearson_high(0, n, 0.05) for n in (30, 59, 149, 299)]
    assert found == pytest.approx([0.095, 0.0495, 0.0199, 0.01], abs=5e-4)


def test_hash_sampling_is_reproducible_even_and_nested():
    known = [uniform("2026-W47", f"conv-{i:04d}") for i in (1, 2, 3)]
    assert known == pytest.approx([0.246699261, 0.529810465, 0.152158922], abs=5e-10)
    from scipy.stats import kstest

    numbers = np.array([uniform("2026-w01", f"conv-{i:04d}") for i in range(20_000)])
    assert kstest(numbers, "uniform").pvalue > 0.001
    assert (numbers < 0.02).mean() == pytest.approx(0.02, abs=0.003)
    assert uniform("2026-w01", "conv-0007") == numbers[7]
    again = np.array([uniform("2026-w02", f"conv-{i:04d}") for i in range(20_000)])
    assert abs(np.corrcoef(numbers, again)[0, 1]) < 0.03
    assert all(is_drawn("s", f"{i}", 0.5) for i in range(200) if is_drawn("s", f"{i}", 0.1))
    assert is_drawn("s", "x", 1.0)
    assert not is_drawn("s", "x", 0.0)


def test_a_queue_that_prefers_flagged_items_reads_right_only_when_weighted():
    random, truth, runs, size = np.random.default_rng(7), 0.02, 300, 20_000
    naive, weighted, holds = [], [], []
    for run in range(runs):
        bad = random.random(size) < truth
        flagged = np.where(bad, random.random(size) < 0.8, random.random(size) < 0.04)
        pi = np.where(flagged, 0.5, 0.02)
        drawn = random.random(size) < pi
        naive.append(bad[drawn].mean())
        weighted.append(hajek(bad[drawn].astype(float), pi[drawn]).value)
        strata = [
            Stratum(
                str(flag),
                int((flagged == flag).sum()),
                int((drawn & (flagged == flag)).sum()),
                int((bad & drawn & (flagged == flag)).sum()),
            )
            for flag in (True, False)
        ]
        found = post_stratified(strata, seed=run, draws=800)
        holds.append(found.low <= bad.mean() <= found.high)
    assert np.mean(naive) > 0.15
    assert np.mean(weighted) == pytest.approx(truth, abs=0.001)
    assert 0.92 <= np.mean(holds) <= 0.985


def test_the_first_by_hash_are_a_simple_random_sample():
    """5 of 50 in 20,000 drawings: every item is in a tenth of them, as a reservoir's inclusion check has it."""
    drawn = np.zeros(50)
    for salt in range(20_000):
        order = sorted(range(50), key=lambda item, salt=salt: uniform(str(salt), str(item)))
        drawn[order[:5]] += 1
    shares = drawn / 20_000
    assert shares.sum() == pytest.approx(5)
    assert 0.0925 < shares.min() <= 0.1 <= shares.max() < 0.1075  # 3.5 standard errors
