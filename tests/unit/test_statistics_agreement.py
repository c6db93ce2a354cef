"""Agreement of raters against published values, the libraries that have them, and the coverage of their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from goldworks.statistics.agreement import agreement, gwet_ac1, krippendorff_alpha, percent_agreement
from goldworks.statistics.kappa import cohen_kappa, fleiss_kappa, overlap_size

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
    found = krippendorff_alpha(UNITS, SCALE, least_units=10, seed=0)
    assert (found.low, found.high) == pytest.approx((0.442, 1.0), abs=0.03)
    assert (found.method, found.seed) == ("krippendorff_alpha_nominal_bootstrap", 0)
    assert found == krippendorff_alpha(UNITS, SCALE, least_units=10, seed=0)


def test_ac1_and_percent_agreement_of_krippendorffs_example():
    assert gwet_ac1(UNITS, SCALE).value == pytest.approx(0.775444, abs=5e-7)
    assert percent_agreement(UNITS, SCALE).value == pytest.approx(0.818182, abs=5e-7)


def test_the_prevalence_paradox_shows_beside_alpha():
    found = agreement(pairs_of([[118, 5], [2, 0]]), (0, 1))
    assert found.percent.value == pytest.approx(0.944)
    assert found.ac1.value == pytest.approx(0.940776, abs=5e-7)
    assert found.kappa.value == pytest.approx(-0.023392, abs=5e-7)
    assert found.alpha.value == pytest.approx(-0.024691, abs=5e-7)
    assert found.alpha.low < found.alpha.value < found.alpha.high


def test_labels_that_never_vary_have_no_alpha():
    found = agreement([("yes", "yes")] * 30, ("yes", "no"))
    assert (found.alpha.value, found.alpha.reason) == (None, "no_variation")
    assert (found.kappa.value, found.kappa.reason) == (None, "no_variation")
    assert (found.ac1.value, found.percent.value) == (1.0, 1.0)
    assert found.percent.low == pytest.approx(0.886, abs=1e-3)


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
    ("kappa", "prevalence", "tenth", "wider"),
    [(0.6, 0.5, 246, 110), (0.6, 0.2, 392, 174), (0.6, 0.05, 1347, 599), (0.8, 0.5, 139, 62), (0.8, 0.2, 222, 99)],
)
def test_overlap_for_a_half_width(kappa, prevalence, tenth, wider):
    assert overlap_size(kappa, prevalence, 0.10) == tenth
    assert overlap_size(kappa, prevalence, 0.15) == wider


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


def test_coverage_of_kappa_and_alpha():
    """Two raters who each keep a true label (30 % positive) nine times in ten and else toss: kappa is known."""
    random, runs, n, keep, share = np.random.default_rng(8), 250, 150, 0.9, 0.3
    positive = keep * share + (1 - keep) * 0.5
    both = share * (keep + (1 - keep) / 2) ** 2 + (1 - share) * ((1 - keep) / 2) ** 2
    truth = (both - positive**2) / (positive * (1 - positive))
    hits = np.zeros(2)
    for run in range(runs):
        state = random.random(n) < share
        first, second = (np.where(random.random(n) < keep, state, random.random(n) < 0.5).tolist() for _ in range(2))
        kappa = cohen_kappa(first, second, (False, True))
        alpha = krippendorff_alpha(list(zip(first, second, strict=True)), (False, True), seed=run, resamples=400)
        hits += [kappa.low <= truth <= kappa.high, alpha.low <= truth <= alpha.high]
    assert (hits / runs >= 0.92).all(), hits / runs
    assert (hits / runs <= 0.98).all(), hits / runs
