"""Two systems judged side by side, each pair in both orders. Three or more systems: `bradley_terry`."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from goldworks.statistics.estimates import Estimate, rate, t_interval, tidy, undefined
from goldworks.statistics.intervals import cluster_sums, mcnemar

Choice = Literal["candidate", "base", "tie"]
LEAST_PAIRS = 30
"""Below this many pairs only the sign test speaks."""


@dataclass(frozen=True, slots=True)
class Preference:
    """`win_rate` of the candidate: 1 where both orders prefer it, 0 where both prefer the base, else one half.

    `decisive`: wins among pairs that both orders decide alike, its `p_value` the exact sign test. `consistency`: share of pairs
    with the same choice in both orders. `first_position`: of the inconsistent pairs that choose by place, the share that chooses
    what was shown first, with its exact binomial `p_value`.
    """

    win_rate: Estimate
    decisive: Estimate
    consistency: Estimate
    first_position: Estimate


def preference(
    candidate_first: Sequence[Choice | None],
    base_first: Sequence[Choice | None],
    clusters: Sequence[Hashable] | None = None,
    *,
    confidence: float = 0.95,
) -> Preference:
    """Preference from the choices with the candidate shown first and with the base shown first, over the same pairs.

    A pair with an order missing (None) is dropped and counted. Fewer than 30 pairs: the win rate has no interval, `n_too_small`.
    """
    if len(candidate_first) != len(base_first):
        raise ValueError("the two orders differ in length")
    if clusters is not None and len(clusters) != len(base_first):
        raise ValueError("pairs and clusters differ in length")
    keys: Sequence[Hashable] = clusters if clusters is not None else range(len(base_first))
    wins: list[float | None] = []
    same: list[bool | None] = []
    decided: list[tuple[bool, Hashable]] = []
    by_place: list[tuple[bool, Hashable]] = []
    for one, other, key in zip(candidate_first, base_first, keys, strict=True):
        if one is None or other is None:
            wins.append(None)
            same.append(None)
            continue
        same.append(one == other)
        wins.append(0.5 if one != other or one == "tie" else float(one == "candidate"))
        if one == other and one != "tie":
            decided.append((one == "candidate", key))
        if {one, other} == {"candidate", "base"}:
            by_place.append((one == "candidate", key))
    return Preference(
        _win_rate(wins, clusters, confidence),
        _against_half(decided, confidence),
        rate(same, clusters, confidence=confidence),
        _against_half(by_place, confidence),
    )


def _win_rate(wins: Sequence[float | None], clusters: Sequence[Hashable] | None, confidence: float) -> Estimate:
    data, codes, missing = tidy(wins, clusters)
    if data.size == 0:
        return undefined("win_rate_t", "n_zero", confidence, missing)
    sums, sizes = cluster_sums(data, codes)
    value, groups = float(data.mean()), len(sizes)
    if groups < LEAST_PAIRS:
        return Estimate(value, None, None, confidence, "win_rate_t", data.size, groups, missing, reason="n_too_small")
    if (data == data[0]).all():
        # a score that does not vary says at least as much as a coin of that mean
        as_coin = rate([True] * groups, confidence=confidence)
        slip = 1 - (as_coin.low or 0.0)
        bounds = max(0.0, value - slip), min(1.0, value + slip)
        return Estimate(value, *bounds, confidence, "win_rate_wilson", data.size, groups, missing, note="values do not vary")
    low, high = t_interval(value, sums, sizes, confidence)
    return Estimate(value, max(0.0, low), min(1.0, high), confidence, "win_rate_t", data.size, groups, missing)


def _against_half(choices: Sequence[tuple[bool, Hashable]], confidence: float) -> Estimate:
    found = rate([chosen for chosen, _ in choices], [key for _, key in choices], confidence=confidence)
    yes = sum(chosen for chosen, _ in choices)
    p = mcnemar(len(choices) - yes, yes) if choices and found.n == found.n_clusters else None  # the exact binomial against 1/2
    return Estimate(
        found.value, found.low, found.high, confidence, found.method, found.n, found.n_clusters,
        found.n_missing, found.reason, None, p, found.note,
    )  # fmt: skip
