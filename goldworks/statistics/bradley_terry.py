"""Strengths of three or more systems from comparisons in pairs. Unlike in online Elo their order does not matter.

Each comparison is one prompt's outcome for two systems, 1, 0 or one half for a tie.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from goldworks.statistics.estimates import Estimate
from goldworks.statistics.intervals import Floats
from goldworks.statistics.resampling import bootstrap_counts, percentile_interval

PRIOR = 0.5
RESAMPLES = 1000
ELO_PER_UNIT = 400 / log(10)
LEAST_PROMPTS = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """`score` of `first` against `second`: 1 won, 0 lost, 0.5 tied. `prompt`: what both answered, the unit of the bootstrap."""

    first: str
    second: str
    score: float
    prompt: Hashable


def rankings(
    comparisons: Sequence[Comparison],
    *,
    prior: float = PRIOR,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[dict[str, Estimate]]:
    """One ranking, strongest first, for each set of systems that comparisons link; strengths of different sets do not compare.

    Values are on the Elo scale, 1000 + 400/ln(10) theta, theta of mean 0 within the set: Hunter's MM (2004), ties half a win, and
    `prior` virtual wins each way for each pair that met, without which a system that never loses would be infinite. Interval:
    bootstrap over prompts; fewer than 20 prompts have none.
    """
    found: list[dict[str, Estimate]] = []
    for names in _linked(comparisons):
        own = [c for c in comparisons if c.first in names]
        prompts: dict[Hashable, int] = {}
        codes = [prompts.setdefault(c.prompt, len(prompts)) for c in own]
        wins = np.zeros((len(prompts), len(names), len(names)))
        for comparison, code in zip(own, codes, strict=True):
            a, b = names.index(comparison.first), names.index(comparison.second)
            wins[code, a, b] += comparison.score
            wins[code, b, a] += 1 - comparison.score
        met = (wins.sum(axis=0) + wins.sum(axis=0).T) > 0
        theta = strengths(wins.sum(axis=0) + prior * met)
        flat = wins.reshape(len(prompts), -1)
        draws = None
        if len(prompts) >= LEAST_PROMPTS:
            blocks = bootstrap_counts(len(prompts), seed, resamples)
            shape = (-1, len(names), len(names))
            draws = np.concatenate([strengths((block @ flat).reshape(shape) + prior * met) for block in blocks])
        ranking: dict[str, Estimate] = {}
        for i in np.argsort(-theta, kind="stable").tolist():
            n = sum(names[i] in (c.first, c.second) for c in own)
            low, high = (None, None) if draws is None else percentile_interval(draws[:, i], confidence)
            ranking[names[i]] = Estimate(
                elo(float(theta[i])),
                None if low is None else elo(low),
                None if high is None else elo(high),
                confidence,
                "bradley_terry",
                n,
                len(prompts),
                reason="n_too_small" if draws is None else None,
                seed=None if draws is None else seed,
            )
        found.append(ranking)
    return found


def strengths(wins: Floats, *, tolerance: float = 1e-10, most_iterations: int = 5000) -> Floats:
    """Log-strengths of mean 0 from wins[..., i, j] of i over j, by Hunter's MM (2004). Needs a finite solution: add a prior."""
    met = wins + np.swapaxes(wins, -1, -2)
    won = wins.sum(axis=-1)
    size = np.ones(won.shape)
    for _ in range(most_iterations):
        new = won / (met / (size[..., :, None] + size[..., None, :])).sum(axis=-1)
        new = new / np.exp(np.log(new).mean(axis=-1, keepdims=True))
        is_still = float(np.abs(np.log(new / size)).max()) < tolerance
        size = new
        if is_still:
            break
    return np.log(size)


def elo(theta: float) -> float:
    """Log-strength on the Elo scale."""
    return 1000 + ELO_PER_UNIT * theta


def _linked(comparisons: Sequence[Comparison]) -> list[list[str]]:
    """Sets of systems that comparisons link, each sorted, by union-find."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for c in comparisons:
        if c.first == c.second or not 0 <= c.score <= 1:
            raise ValueError(f"a comparison is of two systems, with a score in 0..1: {c}")
        parent[root(c.first)] = root(c.second)
    sets: dict[str, list[str]] = {}
    for name in sorted(parent):
        sets.setdefault(root(name), []).append(name)
    return sorted(sets.values())
