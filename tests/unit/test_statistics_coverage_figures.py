"""Where 95 % intervals hold 93 to 97 times in 100 and where they do not: the figures that `docs/statistics.md` names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from simulation import coverage

from goldworks.statistics import Estimate, mean, paired_difference, rate
from goldworks.statistics.bradley_terry import Comparison, elo, rankings
from goldworks.statistics.human_rate import Stratum, post_stratified
from goldworks.statistics.preference import preference

pytestmark = pytest.mark.slow

Random = np.random.Generator

NAMED = 0.01
"""How far a simulation may come out from the figure that is named: the seeds are fixed, yet numpy's streams may change."""


def every_pair_moves(random: Random, n: int) -> Estimate:
    return paired_difference(random.beta(3, 2, n).tolist(), random.beta(3, 2, n).tolist())


def few_pairs_move(random: Random, n: int, drawn_anew: float = 0.3) -> Estimate:
    """Scores in thirds; of the share that is drawn anew seven in ten differ between the releases."""
    marks, shares = np.array([0, 1, 2, 3]) / 3, [0.1, 0.2, 0.3, 0.4]
    base = random.choice(marks, n, p=shares)
    candidate = np.where(random.random(n) < drawn_anew, random.choice(marks, n, p=shares), base)
    return paired_difference(base.tolist(), candidate.tolist(), resamples=2000 if n <= 100 else 500)


def verdicts_in_conversations(random: Random, n: int) -> Estimate:
    """Three verdicts a conversation, which is easy or hard for both releases."""
    chance, of = random.beta(4, 1, n).repeat(3), np.arange(n).repeat(3).tolist()
    return paired_difference((random.random(3 * n) < chance).tolist(), (random.random(3 * n) < chance).tolist(), of)


@pytest.mark.parametrize(
    ("pairs", "n"),
    [
        (every_pair_moves, 5),
        (every_pair_moves, 9),
        (every_pair_moves, 10),
        (every_pair_moves, 15),
        (every_pair_moves, 20),
        (every_pair_moves, 30),
        (every_pair_moves, 100),
        (verdicts_in_conversations, 20),
        (verdicts_in_conversations, 100),
    ],
)
def test_graded_and_clustered_pairs_hold(pairs, n):
    assert 0.93 <= coverage(lambda random: pairs(random, n), 0.0, 3000 if n <= 30 else 2000) <= 0.97


@pytest.mark.parametrize(
    ("n", "drawn_anew", "named"),
    [(30, 0.3, 0.955), (100, 0.07, 0.975), (300, 0.03, 0.975), (50, 0.3, 0.955), (100, 0.3, 0.95), (300, 0.3, 0.95)],
)
def test_many_graded_pairs_of_which_few_differ(n, drawn_anew, named):
    """6, 5, 6, 10, 21 and 63 pairs differ on average. The bootstrap alone leans on these few, and would hold 86 to 93."""
    runs = 3000 if n <= 30 else 1500
    assert coverage(lambda random: few_pairs_move(random, n, drawn_anew), 0.0, runs) == pytest.approx(named, abs=NAMED)


@pytest.mark.parametrize("n", [7, 9, 20, 60])
def test_means_of_graded_scores_hold(n):
    assert 0.93 <= coverage(lambda random: mean(random.beta(2, 1, n).tolist()), 2 / 3, 10_000 if n < 10 else 3000) <= 0.97


@pytest.mark.parametrize(("n", "named"), [(5, 0.925), (10, 0.92), (15, 0.93)])
def test_means_of_few_graded_scores(n, named):
    """Scores that lean to one side: t takes them for symmetric, and the bootstrap has too few to know how they lean."""
    runs = 10_000 if n < 10 else 3000
    assert coverage(lambda random: mean(random.beta(2, 1, n).tolist()), 2 / 3, runs) == pytest.approx(named, abs=NAMED)


def test_a_rate_of_few_clusters_is_far_on_the_safe_side():
    """Exact for any dependence within clusters, so wider than any one dependence needs."""

    def few(random: Random) -> Estimate:
        chance = random.beta(0.8 / 0.3 * 0.7, 0.2 / 0.3 * 0.7, 9).repeat(3)
        return rate((random.random(27) < chance).tolist(), np.arange(9).repeat(3).tolist())

    assert coverage(few, 0.8, 1000) >= 0.995


def strata(bad: np.ndarray, flagged: np.ndarray, drawn: np.ndarray) -> list[Stratum]:
    return [
        Stratum(str(flag), int(is_one.sum()), int((drawn & is_one).sum()), int((bad & drawn & is_one).sum()))
        for flag in (True, False)
        for is_one in [flagged == flag]
    ]


def queue(random: Random, share: float) -> Estimate:
    """How far from the truth the rate of a review queue's labels ends: half of what is flagged is drawn, else one in fifty."""
    bad = random.random(20_000) < share
    flagged = np.where(bad, random.random(20_000) < 0.8, random.random(20_000) < 0.04)
    drawn = random.random(20_000) < np.where(flagged, 0.5, 0.02)
    found = post_stratified(strata(bad, flagged, drawn), seed=int(random.integers(1 << 30)), draws=1000)
    assert found.low is not None
    assert found.high is not None
    return replace(found, low=found.low - bad.mean(), high=found.high - bad.mean())


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_the_rate_of_a_review_queue_holds(share):
    assert 0.93 <= coverage(lambda random: queue(random, share), 0.0, 3000) <= 0.97


def test_the_rate_of_rare_events_in_a_review_queue_is_on_the_safe_side():
    """At 2 % about one of 380 labels of what is not flagged is positive, and Jeffreys' half item more weighs much."""
    assert coverage(lambda random: queue(random, 0.02), 0.0, 3000) == pytest.approx(0.977, abs=NAMED)


def test_a_win_rate_holds():
    """Half of 100 pairs are won, three in ten lost, the rest tied; of one in seven the other order is decided by a coin."""

    def judged(random: Random) -> Estimate:
        drawn = random.random(100)
        one = np.where(drawn < 0.5, "candidate", np.where(drawn < 0.8, "base", "tie"))
        other = np.where(random.random(100) < 1 / 7, random.choice(["candidate", "base"], 100), one)
        return preference(one.tolist(), other.tolist()).win_rate

    wins = 0.5 * (1 - 1 / 14) + 0.5 * (0.5 / 14 + 0.3 / 14 + 0.2)
    assert 0.93 <= coverage(judged, wins, 3000) <= 0.97


def strengths_held(prompts: int, runs: int) -> list[float]:
    """How often the interval of each of three systems holds, each pair of which met once a prompt."""
    theta = {"x": 0.8, "y": 0.0, "z": -0.8}
    pairs = [(prompt, a, b) for prompt in range(prompts) for a, b in (("x", "y"), ("y", "z"), ("z", "x"))]
    chances = [1 / (1 + np.exp(theta[b] - theta[a])) for _, a, b in pairs]
    hits: list[list[bool]] = []
    for run in range(runs):
        won = np.random.default_rng(run).random(len(pairs)) < chances
        played = [Comparison(a, b, float(is_won), prompt) for (prompt, a, b), is_won in zip(pairs, won, strict=True)]
        found = rankings(played, seed=run, resamples=500)[0]
        hits.append([found[name].low <= elo(truth) <= found[name].high for name, truth in theta.items()])
    return np.mean(hits, axis=0).tolist()


def test_strengths_of_three_systems_hold():
    assert all(0.93 <= held <= 0.97 for held in strengths_held(200, 600))
