"""Agreement of raters against published values, the libraries that have them, and the coverage of their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from goldworks.statistics.agreement import agreement, gwet_ac1, krippendorff_alpha, percent_agreement
from goldworks.statistics.intervals import normal_quantile
from goldworks.statistics.kappa import cohen_kappa, fleiss_kappa, kappa_error, overlap_size

# Krippendorff 2011, example C: four observers, twelve units, missing values
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)
UNITS = list(zip(*OBSERVERS, strict=True))
SCALE = (1, 2, 3, 4, 5)

# Fleiss 1971 as in the usual textbook table: ten subjects, fourteen raters, five categories
FLEISS = (
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)


def pairs_of(table) -> list[tuple[int, int]]:
    return [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)]
)
def test_alpha_of_krippendorffs_example(level, alpha):
    found = krippendorff_alpha(UNITS, SCALE, level=level)
    assert found.value == pytest.approx(alpha, abs=5e-7)
    assert (found.n, found.n_missing, found.reason) == (11, 1, "n_too_small")
    assert found.low is None


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_equals_the_library(level):
    import krippendorff

    random = np.random.default_rng(3)
    for _ in range(5):
        truth = random.integers(1, 5, 40)
        said = np.where(random.random((3, 40)) < 0.7, truth, random.integers(1, 5, (3, 40))).astype(float)
        said[random.random((3, 40)) < 0.2] = np.nan
        labels = [[None if np.isnan(v) else int(v) for v in unit] for unit in said.T]
        expected = krippendorff.alpha(said, level_of_measurement=level, value_domain=[1, 2, 3, 4])
        assert krippendorff_alpha(labels, (1, 2, 3, 4), level=level, resamples=50).value == pytest.approx(expected, abs=1e-12)


def test_bootstrap_of_alpha_over_units():
    """The worked interval is of the ordinal alpha, over all twelve units, the one with a single label too; here by the library.

    The product drops that unit, and draws counts and not places, so its ends differ by what 2,000 draws leave open.
    """
    import krippendorff

    drawn = np.random.default_rng(0).integers(0, 12, (2000, 12))
    said = np.array(OBSERVERS, dtype=np.float64)
    alphas = [krippendorff.alpha(said[:, units], level_of_measurement="ordinal") for units in drawn]
    assert np.quantile(alphas, [0.025, 0.975]) == pytest.approx([0.44216466, 1.0], abs=5e-9)
    found = krippendorff_alpha(UNITS, SCALE, level="ordinal", least_units=10, seed=0)
    lows = [krippendorff_alpha(UNITS, SCALE, level="ordinal", least_units=10, seed=seed).low for seed in range(40)]
    assert found.high == 1.0
    assert np.mean(lows) == pytest.approx(0.442, abs=0.01)
    assert abs(found.low - np.mean(lows)) < 3 * np.std(lows) < 0.04
    assert (found.method, found.seed) == ("krippendorff_alpha_ordinal_bootstrap", 0)
    assert found == krippendorff_alpha(UNITS, SCALE, level="ordinal", least_units=10, seed=0)


def chance_of(ac1: float, agreeing: float) -> float:
    """The agreement by chance that an AC1 supposes."""
    return (agreeing - ac1) / (1 - ac1)


def test_ac1_and_percent_agreement_of_krippendorffs_example():
    ac1, percent = gwet_ac1(UNITS, SCALE).value, percent_agreement(UNITS, SCALE).value
    assert (percent, chance_of(ac1, percent), ac1) == pytest.approx((0.818182, 0.190321, 0.775444), abs=5e-7)


def test_error_of_ac1_by_another_implementation():
    """irrCAC 0.4.4 has AC1 0.77544 with an error of 0.14295, from 0.46081 to 1, by Gwet's large sample formula (2008).

    The product resamples units, which gives the same interval without supposing that AC1 is normal.
    """
    from scipy.stats import t

    counts = np.array([[unit.count(category) for category in SCALE] for unit in UNITS], dtype=np.float64)
    sizes, n, q = counts.sum(axis=1), len(counts), len(SCALE)
    share = (counts / sizes[:, None]).mean(axis=0)
    chance = (share * (1 - share)).sum() / (q - 1)
    is_pair = sizes > 1
    agreeing = (counts * (counts - 1)).sum(axis=1) / np.where(is_pair, sizes * (sizes - 1), 1)
    ac1 = (agreeing[is_pair].mean() - chance) / (1 - chance)
    of_units = n / is_pair.sum() * (agreeing - chance * is_pair) / (1 - chance)
    of_units -= 2 * (1 - ac1) * (counts @ (1 - share) / sizes / (q - 1) - chance) / (1 - chance)
    error = (((of_units - ac1) ** 2).sum() / (n * (n - 1))) ** 0.5
    assert (ac1, error) == pytest.approx((0.77544, 0.14295), abs=5e-6)
    assert ac1 - t.ppf(0.975, n - 1) * error == pytest.approx(0.46081, abs=5e-6)
    found = gwet_ac1(UNITS, SCALE, least_units=10)
    assert (found.low, found.high) == pytest.approx((0.46081, 1), abs=0.06)
    assert krippendorff_alpha(UNITS, SCALE).value == pytest.approx(0.74342, abs=5e-6)


def test_the_prevalence_paradox_shows_beside_alpha():
    found = agreement(pairs_of([[118, 5], [2, 0]]), (0, 1))
    assert found.percent.value == pytest.approx(0.944)
    assert found.ac1.value == pytest.approx(0.940776, abs=5e-7)
    assert chance_of(found.ac1.value, found.percent.value) == pytest.approx(0.054432, abs=5e-7)
    assert found.kappa.value == pytest.approx(-0.023392, abs=5e-7)
    assert found.alpha.value == pytest.approx(-0.024691, abs=5e-7)
    assert found.alpha.low < found.alpha.value < found.alpha.high


def test_labels_that_never_vary_have_no_alpha():
    found = agreement([("yes", "yes")] * 30, ("yes", "no"))
    assert (found.alpha.value, found.alpha.reason) == (None, "no_variation")
    assert (found.kappa.value, found.kappa.reason) == (None, "no_variation")
    assert (found.ac1.value, found.percent.value) == (1.0, 1.0)
    assert found.percent.low == pytest.approx(0.886, abs=1e-3)


def test_the_libraries_give_nan_for_labels_that_never_vary():
    import krippendorff
    from sklearn.metrics import cohen_kappa_score

    with pytest.warns(RuntimeWarning):
        assert np.isnan(krippendorff.alpha(np.ones((2, 30)), level_of_measurement="nominal", value_domain=[1, 2]))
    with pytest.warns(Warning, match="label"):
        assert np.isnan(cohen_kappa_score([1] * 30, [1] * 30))


def test_full_agreement_of_few_units_is_not_certain():
    few = krippendorff_alpha([(0, 0)] * 10 + [(1, 1)] * 10, (0, 1))
    many = krippendorff_alpha([(0, 0)] * 500 + [(1, 1)] * 500, (0, 1))
    assert few.value == many.value == 1.0
    assert few.low < 0.75
    assert many.low > 0.99
    assert few.note == "no disagreement in 20"


def test_fleiss_of_the_textbook_table():
    labels = [[category for category, n in enumerate(row) for _ in range(n)] for row in FLEISS]
    assert fleiss_kappa(labels, range(5)).value == pytest.approx(0.209931, abs=5e-7)
    with pytest.raises(ValueError, match="krippendorff_alpha"):
        fleiss_kappa([*labels, [1, 1, None]], range(5))


def test_fleiss_equals_statsmodels():
    from statsmodels.stats.inter_rater import fleiss_kappa as theirs

    counts = np.random.default_rng(1).multinomial(6, [0.5, 0.3, 0.2], 40)
    labels = [[category for category, n in enumerate(row) for _ in range(n)] for row in counts]
    found = fleiss_kappa(labels, range(3), resamples=200)
    assert found.value == pytest.approx(theirs(counts))
    assert found.low < found.value < found.high


def test_cohen_of_the_textbook_table():
    found = cohen_kappa(*zip(*pairs_of([[20, 5], [10, 15]]), strict=True), (0, 1))
    assert found.value == pytest.approx(0.4)
    assert (found.low, found.high) == pytest.approx((0.151092, 0.648908), abs=5e-7)
    assert kappa_error(np.array([[20, 5], [10, 15]]) / 50, found.value, 50) == pytest.approx(0.126996, abs=5e-7)


@pytest.mark.parametrize(("weights", "kappa"), [(None, 0.625), ("linear", 0.814815), ("quadratic", 0.926829)])
def test_cohen_equals_scikit_learn_and_statsmodels(weights, kappa):
    from sklearn.metrics import cohen_kappa_score
    from statsmodels.stats.inter_rater import cohens_kappa

    random = np.random.default_rng(2)
    first = random.integers(0, 5, 80)
    second = np.clip(first + random.integers(-1, 2, 80), 0, 4)
    found = cohen_kappa(first.tolist(), second.tolist(), range(5), weights=weights)
    assert found.value == pytest.approx(cohen_kappa_score(first, second, weights=weights), abs=1e-12)
    table = np.zeros((5, 5))
    np.add.at(table, (first, second), 1)
    theirs = cohens_kappa(table, wt={None: None, "linear": "linear", "quadratic": "quadratic"}[weights])
    assert (found.low, found.high) == pytest.approx((theirs.kappa_low, theirs.kappa_upp), abs=1e-9)
    # ten ratings on a scale of five, of which three differ by one
    a, b = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5], [2, 1, 1, 2, 2, 3, 4, 4, 5, 5]
    small = cohen_kappa(a, b, SCALE, weights=weights)
    assert small.value == pytest.approx(cohen_kappa_score(a, b, weights=weights))
    assert (small.low, small.reason) == (None, "n_too_small")
    assert small.value == pytest.approx(kappa, abs=5e-7)


def test_a_rater_who_uses_one_label_only_has_no_interval():
    found = cohen_kappa([1] * 40, [0] * 10 + [1] * 30, (0, 1))
    assert (found.value, found.low, found.reason) == (pytest.approx(0.0), None, "no_variation")


@pytest.mark.parametrize(
    ("kappa", "prevalence", "spread", "tenth", "wider"),
    [
        (0.6, 0.5, 0.8, 246, 110),
        (0.6, 0.2, 1.009, 392, 174),
        (0.6, 0.05, 1.8721, 1347, 599),
        (0.8, 0.5, 0.6, 139, 62),
        (0.8, 0.2, 0.7589, 222, 99),
        (0.8, 0.05, 1.4132, 768, 341),
    ],
)
def test_overlap_for_a_half_width(kappa, prevalence, spread, tenth, wider):
    assert overlap_size(kappa, prevalence, 0.10) == tenth
    assert overlap_size(kappa, prevalence, 0.15) == wider
    # the deviation of one unit, from the units of an interval that is hardly wide
    assert 1e-5 * overlap_size(kappa, prevalence, 1e-5) ** 0.5 / normal_quantile(0.95) == pytest.approx(spread, abs=5e-5)


def test_the_planned_error_of_kappa_is_the_simulated_one():
    """200 units, 20 % positive, kappa .6: the formula says .0713, worked simulation .072; ours is of 200,000."""
    assert 1e-5 * overlap_size(0.6, 0.2, 1e-5) ** 0.5 / normal_quantile(0.95) / 200**0.5 == pytest.approx(0.0713, abs=5e-5)
    both, one = 0.2**2 + 0.6 * 0.2 * 0.8, 0.4 * 0.2 * 0.8
    cells = np.random.default_rng(1).multinomial(200, [both, one, one, 1 - both - 2 * one], 200_000) / 200
    first, second = cells[:, 0] + cells[:, 1], cells[:, 0] + cells[:, 2]
    chance = first * second + (1 - first) * (1 - second)
    kappas = (cells[:, 0] + cells[:, 3] - chance) / (1 - chance)
    assert kappas.std() == pytest.approx(0.072, abs=0.0005)
    assert kappas.mean() == pytest.approx(0.6, abs=0.005)


def test_units_of_a_conversation_are_not_independent():
    labels = pairs_of([[60, 10], [10, 20]])
    alone = agreement(labels, (0, 1))
    together = agreement([row for row in labels for _ in range(5)], (0, 1), clusters=[i for i in range(100) for _ in range(5)])
    assert (together.alpha.n, together.alpha.n_clusters) == (500, 100)
    assert together.alpha.high - together.alpha.low == pytest.approx(alone.alpha.high - alone.alpha.low, rel=0.1)
    assert together.kappa.method == "cohen_kappa_bootstrap"
    assert together.kappa.high - together.kappa.low == pytest.approx(alone.kappa.high - alone.kappa.low, rel=0.15)


def test_what_is_no_category_or_no_label():
    with pytest.raises(ValueError, match="label 'maybe' of unit 1 is none of the categories yes, no"):
        percent_agreement([("yes", "no"), ("maybe", "no")], ("yes", "no"))
    with pytest.raises(ValueError, match="twice"):
        percent_agreement([], ("yes", "yes"))
    assert krippendorff_alpha([], (0, 1)).reason == "n_zero"
    assert krippendorff_alpha([(1, None), (None, None)], (0, 1)).n_missing == 2


def kept_or_tossed(random: np.random.Generator, n: int) -> tuple[list[bool], list[bool]]:
    """Two raters who each keep a true label (30 % positive) nine times in ten and else toss: kappa is .7817."""
    state = random.random(n) < 0.3
    first, second = (np.where(random.random(n) < 0.9, state, random.random(n) < 0.5).tolist() for _ in range(2))
    return first, second


def true_kappa() -> float:
    positive = 0.9 * 0.3 + 0.1 * 0.5
    both = 0.3 * 0.95**2 + 0.7 * 0.05**2
    return (both - positive**2) / (positive * (1 - positive))


@pytest.mark.parametrize(("n", "share"), [(50, 0.903), (80, 0.924), (150, 0.936)])
def test_the_interval_of_kappa_is_short_below_a_hundred_units(n, share):
    """The shares are exact, summed over all tables; from 100 units on they are above 93 %. It is the worked, normal interval."""
    random, runs = np.random.default_rng(n), 2000
    found = [cohen_kappa(*kept_or_tossed(random, n), (False, True)) for _ in range(runs)]
    held = np.mean([one.low <= true_kappa() <= one.high for one in found])
    assert held == pytest.approx(share, abs=3 * (share * (1 - share) / runs) ** 0.5)


@pytest.mark.slow
def test_coverage_of_alpha():
    """Of two raters and two categories alpha is kappa but for 1 / (2 n)."""
    random, runs, hits = np.random.default_rng(8), 1000, 0
    for run in range(runs):
        labels = list(zip(*kept_or_tossed(random, 150), strict=True))
        alpha = krippendorff_alpha(labels, (False, True), seed=run, resamples=500)
        hits += alpha.low <= true_kappa() <= alpha.high
    assert 0.93 <= hits / runs <= 0.97
