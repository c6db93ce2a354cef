"""Sampling plans and the rates that follow, against worked values and by simulation."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from goldworks.statistics.hash_sampling import is_drawn, uniform
from goldworks.statistics.human_rate import Stratum, post_stratified
from goldworks.statistics.intervals import clopper_pearson_high, normal_quantile
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
    assert 20 * total.value / ratio.value == pytest.approx(18.0), "the size that the weights add up to"
    assert effective_items(pi) == pytest.approx(2.6557, abs=5e-5)
    assert hajek([], []).reason == horvitz_thompson([], [], 5).reason == "n_zero"
    with pytest.raises(ValueError, match="inclusion probability"):
        hajek([1], [0.0])


def test_neyman_allocation_with_floors():
    segments = {"a": Segment(8000, 0.1), "b": Segment(1500, 0.3), "c": Segment(500, 0.45)}
    weights = {name: one.size * one.deviation for name, one in segments.items()}
    shares = [400 * weight / sum(weights.values()) for weight in weights.values()]
    assert shares == pytest.approx([216.94915254, 122.03389831, 61.01694915])
    assert neyman(segments, 400, floor=30) == {"a": 217, "b": 122, "c": 61}
    alike = {name: Segment(one.size, 0.3) for name, one in segments.items()}
    assert neyman(alike, 400) == {"a": 320, "b": 60, "c": 20}, "in proportion to size"
    rare = {"a": Segment(9000, 0.3), "b": Segment(200, 0.3), "c": Segment(100, 0.3)}
    assert neyman(rare, 200, floor=30) == {"a": 140, "b": 30, "c": 30}
    small = neyman({"a": Segment(1000, 0.1), "b": Segment(20, 0.5)}, 200, floor=30)
    assert small == {"a": 180, "b": 20}
    everything = neyman({"a": Segment(10, 0.1), "b": Segment(20, 0.5)}, 200)
    assert everything == {"a": 10, "b": 20}
    with pytest.raises(ValueError, match="floors need 60"):
        neyman({"a": Segment(100, 0.1), "b": Segment(200, 0.5)}, 50, floor=30)
    assert smoothed_deviation(0, 100) > 0


def test_the_worked_stratified_rate():
    """Its counts are not given; with the sizes of the worked allocation these give the rate and its error to the last digit."""
    strata = [Stratum("a", 8000, 214, 2), Stratum("b", 1500, 121, 12), Stratum("c", 500, 65, 17)]
    found = stratified_rate(strata)
    assert found.value == pytest.approx(0.03542959164879301, rel=1e-14)
    assert (found.high - found.value) / normal_quantile(0.95) == pytest.approx(0.007002709465622247, rel=1e-12)


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
    assert found == pytest.approx([0.095, 0.0495, 0.0199, 0.01], abs=5e-5)


def test_hash_sampling_is_reproducible_even_and_nested():
    known = [uniform("2026-W47", f"conv-{i:04d}") for i in (1, 2, 3)]
    assert known == pytest.approx([0.246699261, 0.529810465, 0.152158922], abs=5e-10)
    from scipy.stats import kstest

    worked = np.array([uniform("2026-W47", f"{i}") for i in range(20_000)])
    assert kstest(worked, "uniform").pvalue == pytest.approx(0.1097, abs=5e-5)
    assert (worked < 0.02).mean() == 0.02005
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
    """A rate of 2 % in 20,000 items; half of the flagged are drawn and 2 % of the others: 2,000 queues, as many as worked ones.

    The judge is not given. With a sensitivity of .8 and 1 % false alarms all worked values come out, within three standard errors
    of both, but the 673 items of a queue: 647 on average, and 673 is one queue of 647 +- 25. The mean of a queue then is .249.
    """
    random, truth, runs, size = np.random.default_rng(7), 0.02, 2000, 20_000
    queues = []
    for run in range(runs):
        bad = random.binomial(size, truth)
        caught, alarms = random.binomial(bad, 0.8), random.binomial(size - bad, 0.01)
        sizes, rates = (caught, alarms, bad - caught, size - bad - alarms), (0.5, 0.5, 0.02, 0.02)
        drawn = [random.binomial(*one) for one in zip(sizes, rates, strict=True)]
        items, n = np.repeat([1.0, 0, 1, 0], drawn), sum(drawn)
        weighted = hajek(items, np.repeat(rates, drawn))
        strata = [Stratum("flagged", sizes[0] + sizes[1], drawn[0] + drawn[1], drawn[0])]
        strata.append(Stratum("not flagged", sizes[2] + sizes[3], drawn[2] + drawn[3], drawn[2]))
        found = post_stratified(strata, seed=run, draws=1000)
        queues.append(
            (
                n,
                items.mean(),
                weighted.value,
                weighted.low <= truth <= weighted.high,
                random.binomial(n, truth) / n,  # what as many items drawn evenly read
                found.low <= truth <= found.high,
                found.high - found.low,
                found.value,
            )
        )
    means, spreads = np.mean(queues, axis=0), np.std(queues, axis=0)
    both = 3 * (2 / runs) ** 0.5

    assert means[1] == pytest.approx(0.249, abs=both * spreads[1] + 0.0005)
    assert means[2] == pytest.approx(0.01994, abs=both * spreads[2])
    assert spreads[2] == pytest.approx(0.00352, rel=0.07)
    assert spreads[4] == pytest.approx(0.0055, rel=0.05)
    assert 1 - spreads[2] / spreads[4] == pytest.approx(0.36, abs=0.03), "as many items, evenly drawn, spread more"
    assert spreads[7] < spreads[2], "and the strata spread least"
    assert means[3] == pytest.approx(0.8145, abs=both * spreads[3])
    assert means[5] == pytest.approx(0.958, abs=both * spreads[5])
    assert 0.93 <= means[5] <= 0.97
    assert means[6] == pytest.approx(0.0139, abs=0.0006)
    assert (means[0], spreads[0]) == (pytest.approx(647, abs=3), pytest.approx(25, abs=2))
    assert abs(673 - means[0]) < 2 * spreads[0]


def most_and_least(drawn: np.ndarray) -> tuple[float, float]:
    shares = np.bincount(drawn.ravel(), minlength=50) / len(drawn)
    return float(shares.min()), float(shares.max())


def test_the_first_by_hash_are_a_simple_random_sample():
    """5 of 50 in 20,000 drawings: every item is in a tenth of them, as of a reservoir (Vitter 1985, R), which needs no salt.

    Of 50 shares with a standard error of 0.0021 the least and the most are 0.0952 and 0.1048, with a deviation of 0.001 each.
    """
    random, runs = np.random.default_rng(0), 20_000
    reservoir = np.tile(np.arange(5), (runs, 1))
    for item in range(5, 50):
        place = random.integers(0, item + 1, runs)
        reservoir[place < 5, place[place < 5]] = item
    hashed = [sorted(range(50), key=lambda item, salt=salt: uniform(str(salt), str(item)))[:5] for salt in range(runs)]
    for drawn in (reservoir, np.array(hashed)):
        assert most_and_least(drawn) == pytest.approx((0.0954, 0.10465), abs=3 * 0.001 * 2**0.5)
