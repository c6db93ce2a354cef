"""Preference in both orders, and strengths of several systems, against worked values."""

from __future__ import annotations

import numpy as np
import pytest

from goldworks.statistics.bradley_terry import ELO_PER_UNIT, Comparison, elo, rankings, strengths
from goldworks.statistics.intervals import t_quantile
from goldworks.statistics.preference import preference

# 52 pairs won in both orders, 30 lost, 4 tied, 14 decided by place: 12 by what stood first, 2 by what stood second
CANDIDATE_FIRST = ["candidate"] * 52 + ["base"] * 30 + ["tie"] * 4 + ["candidate"] * 12 + ["base"] * 2
BASE_FIRST = ["candidate"] * 52 + ["base"] * 30 + ["tie"] * 4 + ["base"] * 12 + ["candidate"] * 2


def test_both_orders_take_the_place_out():
    from scipy.stats import binomtest

    found = preference(CANDIDATE_FIRST, BASE_FIRST)
    assert found.win_rate.value == pytest.approx(0.61)
    assert (found.win_rate.low, found.win_rate.high) == pytest.approx((0.522413, 0.697587), abs=5e-7)
    assert (found.win_rate.high - found.win_rate.value) / t_quantile(0.95, 99) == pytest.approx(0.044142, abs=5e-7)
    assert found.consistency.value == pytest.approx(0.86)
    assert (found.first_position.value, found.first_position.p_value) == pytest.approx((12 / 14, 0.012939453125))
    assert (found.decisive.n, found.decisive.value) == (82, 52 / 82)
    assert found.decisive.p_value == pytest.approx(0.019827, abs=5e-7)
    for seen, wins, of in ((found.first_position, 12, 14), (found.decisive, 52, 82)):
        assert seen.p_value == pytest.approx(binomtest(wins, of).pvalue)
    assert (found.decisive.low, found.decisive.high) == pytest.approx((0.526073, 0.730214), abs=5e-7)


def test_few_pairs_missing_orders_and_one_sided_judges():
    few = preference(["candidate"] * 10, ["candidate"] * 9 + [None])
    assert (few.win_rate.value, few.win_rate.low, few.win_rate.reason) == (1.0, None, "n_too_small")
    assert (few.win_rate.n_missing, few.decisive.p_value) == (1, pytest.approx(2 / 2**9))
    blind = preference(["candidate"] * 40, ["base"] * 40)  # always what stands first
    assert (blind.win_rate.value, blind.consistency.value, blind.first_position.value) == (0.5, 0.0, 1.0)
    assert blind.win_rate.low < 0.5 < blind.win_rate.high
    assert blind.decisive.reason == "n_zero"
    assert preference([], []).win_rate.reason == "n_zero"


def test_pairs_of_a_conversation_count_once():
    together = preference(CANDIDATE_FIRST * 3, BASE_FIRST * 3, list(range(100)) * 3)
    assert together.win_rate.n_clusters == 100
    assert together.win_rate.high - together.win_rate.low == pytest.approx(0.697587 - 0.522413, rel=0.02)
    assert together.decisive.p_value is None


def test_strengths_solve_the_likelihood_equations():
    wins = np.random.default_rng(0).integers(1, 20, (4, 4)).astype(float)
    np.fill_diagonal(wins, 0)
    theta = strengths(wins)
    chance = 1 / (1 + np.exp(theta[None, :] - theta[:, None]))
    assert wins.sum(axis=1) == pytest.approx(((wins + wins.T) * chance).sum(axis=1), rel=1e-6)
    assert theta.sum() == pytest.approx(0, abs=1e-9)


WINS = np.array([[0.0, 7, 8], [3, 0, 6], [2, 4, 0]])


def test_strengths_of_three_systems_against_worked_values_and_scikit_learn():
    """As scores of choix and of evalica, whose own are exp(theta); scikit-learn's are its logistic regression's, unpenalised."""
    from sklearn.linear_model import LogisticRegression

    theta = strengths(WINS)
    assert theta == pytest.approx([0.74057, -0.149102, -0.591468], abs=6e-7)
    assert 1 / (1 + np.exp(theta[1] - theta[0])) == pytest.approx(0.708823, abs=6e-7)
    assert [elo(t) for t in theta] == pytest.approx([1128.65, 974.10, 897.25], abs=0.005)
    assert np.exp(theta) == pytest.approx([2.097130461596351, 0.8614809976942965, 0.5535143047794007], rel=1e-6)
    pairs = [(i, j) for i in range(3) for j in range(3) if i != j]
    won = np.array([np.eye(3)[i] - np.eye(3)[j] for i, j in pairs])
    rows, weights = np.concatenate([won, -won]), [WINS[pair] for pair in pairs] * 2
    model = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=1000)
    fitted = model.fit(rows, [True] * 6 + [False] * 6, sample_weight=weights).coef_[0]
    assert theta == pytest.approx(fitted - fitted.mean(), abs=1e-5)


def test_the_worked_bootstrap_of_strengths():
    """95 % over the 30 games, 1,000 draws of seed 0, each with .01 of a win each way for pairs that met.

    `rankings` has the prior of one half and draws counts, so its intervals are narrower: strengths are drawn towards each other.
    """
    games = np.array([(i, j) for i in range(3) for j in range(3) for _ in range(int(WINS[i, j]))])
    random, draws = np.random.default_rng(0), np.zeros((1000, 3, 3))
    for wins in draws:
        np.add.at(wins, tuple(games[random.integers(0, 30, 30)].T), 1)
    met = draws + draws.transpose(0, 2, 1) > 0
    low, high = np.percentile(strengths(draws + 0.01 * met), [2.5, 97.5], axis=0)
    assert low == pytest.approx([0.151, -0.924, -1.502], abs=5.1e-4)
    assert high == pytest.approx([1.75, 0.574, 0.048], abs=5.1e-4)
    played = [Comparison("abc"[i], "abc"[j], 1, number) for number, (i, j) in enumerate(games.tolist())]
    loose, firm = (rankings(played, prior=prior)[0] for prior in (0.01, 0.5))
    for place, name in enumerate("abc"):
        # .15 of theta: three standard errors of the difference of two such quantiles, of 1,000 draws each
        assert [loose[name].low, loose[name].high] == pytest.approx([elo(low[place]), elo(high[place])], abs=0.15 * ELO_PER_UNIT)
        assert firm[name].high - firm[name].low < loose[name].high - loose[name].low


def test_the_prior_keeps_a_system_that_never_loses_finite():
    wins = np.array([[0, 5.5], [0.5, 0]])
    assert strengths(wins) == pytest.approx([1.198948, -1.198948], abs=5e-7)
    found = rankings([Comparison("a", "b", 1, i) for i in range(5)])
    assert found[0]["a"].value == pytest.approx(elo(1.198948), abs=1e-3)
    assert found[0]["a"].reason == "n_too_small"


def simulated(prompts: int, seed: int) -> list[Comparison]:
    random, theta = np.random.default_rng(seed), {"x": 0.8, "y": 0.0, "z": -0.8}
    found = []
    for prompt in range(prompts):
        for a, b in (("x", "y"), ("y", "z"), ("z", "x")):
            found.append(Comparison(a, b, float(random.random() < 1 / (1 + np.exp(theta[b] - theta[a]))), prompt))
    return found


def test_ranking_recovers_the_truth_and_order_does_not_matter():
    played = simulated(300, 1)
    found = rankings(played)
    assert list(found[0]) == ["x", "y", "z"]
    for name, theta in (("x", 0.8), ("y", 0.0), ("z", -0.8)):
        assert found[0][name].low <= elo(theta) <= found[0][name].high
    assert (found[0]["x"].n, found[0]["x"].n_clusters) == (600, 300)
    reverse = rankings(played[::-1])
    assert reverse[0]["x"].value == pytest.approx(found[0]["x"].value)


def test_systems_that_never_met_are_ranked_apart():
    found = rankings([Comparison("a", "b", 1, 1), Comparison("c", "d", 0.5, 2)])
    assert [sorted(ranking) for ranking in found] == [["a", "b"], ["c", "d"]]
    assert found[1]["c"].value == found[1]["d"].value == 1000
    with pytest.raises(ValueError, match="two systems"):
        rankings([Comparison("a", "a", 1, 1)])
