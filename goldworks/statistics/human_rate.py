"""The rate that people would have found, from a judge's verdicts on many items and people's on some. Never the raw judge's rate.

Which one: people labelled a random or stratified sample of the same population, and the judge says yes or no:
`post_stratified`; its score is graded: `prediction_powered`; sensitivity and specificity come from elsewhere: `rogan_gladen`.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from goldworks.statistics.estimates import FEW_CLUSTERS, Estimate, tidy, undefined
from goldworks.statistics.intervals import Floats, normal_quantile
from goldworks.statistics.resampling import percentile_interval

DRAWS = 4000
LEAST_LABELS = 50
LEAST_POSITIVES = 10
LEAST_YOUDEN = 0.2


@dataclass(frozen=True, slots=True)
class Stratum:
    """`size` items of the population, of which people labelled `labelled` drawn at random, `positive` of these positive."""

    name: str
    size: int
    labelled: int
    positive: int


def post_stratified(strata: Sequence[Stratum], *, confidence: float = 0.95, seed: int = 0, draws: int = DRAWS) -> Estimate:
    """Rate over all strata, sum of W y/n; its interval from draws of each stratum's Jeffreys posterior, Beta(y+1/2, n-y+1/2).

    Strata are the judge's verdicts (flagged or not), or the rules by which items were drawn for review. Sample the unflagged too,
    for the items nobody looked at decide how high the rate may be. A stratum labelled whole is known. A stratum of some size
    without a label: no value, `n_too_small`, and `note` names it.
    """
    for s in strata:
        if not 0 <= s.positive <= s.labelled <= s.size:
            raise ValueError(
                f"stratum {s.name}: needs 0 <= positive <= labelled <= size, has {s.positive}, {s.labelled}, {s.size}"
            )
    filled = [s for s in strata if s.size > 0]
    total, labelled = sum(s.size for s in filled), sum(s.labelled for s in filled)
    method = "post_stratified_jeffreys"
    if labelled == 0:
        return undefined(method, "n_zero", confidence, 0)
    bare = [s.name for s in filled if s.labelled == 0]
    if bare:
        note = f"no label in {', '.join(bare)}"
        return Estimate(None, None, None, confidence, method, labelled, labelled, reason="n_too_small", note=note)
    weights = np.array([s.size / total for s in filled])
    rates = np.array([s.positive / s.labelled for s in filled])
    value = float(weights @ rates)
    random = np.random.default_rng(seed)
    rows = np.empty((draws, len(filled)))
    for column, s in enumerate(filled):
        known = s.labelled == s.size
        rows[:, column] = rates[column] if known else random.beta(s.positive + 0.5, s.labelled - s.positive + 0.5, draws)
    low, high = percentile_interval(rows @ weights, confidence)
    if value == 0:
        low = 0.0
    if value == 1:
        high = 1.0
    return Estimate(value, min(low, value), max(high, value), confidence, method, labelled, labelled, seed=seed)


def prediction_powered(
    human: Sequence[float],
    judge: Sequence[float],
    judge_elsewhere: Sequence[float],
    clusters: Sequence[Hashable] | None = None,
    *,
    confidence: float = 0.95,
    power: float | None = None,
) -> Estimate:
    """PPI++ (Angelopoulos et al. 2023): power * mean(judge elsewhere) + mean(human - power * judge), normal interval.

    `human` and `judge` (0..1, graded or not) are of the same n labelled items, a random sample of the population from which
    `judge_elsewhere` holds the N unlabelled. `power` None: chosen to be tight, cov / ((1 + n/N) var), cut to 0..1; 0 uses labels
    alone, 1 is plain PPI. The interval needs 50 labels, and, of yes/no labels, ten of each: else `n_too_small`. `clusters`: of
    the labelled items, then of the others; the error is then that of whole clusters, as
    Miller 2024 has it for means, and it takes ten of them.
    """
    y, f, g = (np.array(values, dtype=np.float64) for values in (human, judge, judge_elsewhere))
    if len(y) != len(f):
        raise ValueError("human labels and judge scores differ in length")
    n, others = len(y), len(g)
    if n == 0 or others == 0:
        return undefined("ppi++", "n_zero", confidence, 0)
    if power is None:
        power = tuned_power(y, f, g)
    value = float(power * g.mean() + (y - power * f).mean())
    method, note = "ppi++", f"judge weighs {power:.3f}"
    is_binary = bool(np.isin(y, (0.0, 1.0)).all())
    rarer = min(float(y.sum()), n - float(y.sum())) if is_binary else LEAST_POSITIVES
    if n < LEAST_LABELS or rarer < LEAST_POSITIVES or others < 2:
        return Estimate(value, None, None, confidence, method, n, n, reason="n_too_small", note=note)
    if clusters is None:
        error = float(np.sqrt(power**2 * g.var(ddof=1) / others + (y - power * f).var(ddof=1) / n))
    else:
        left = y - power * f
        parts = np.concatenate([(left - left.mean()) / n, power * (g - g.mean()) / others])
        _, codes, _ = tidy(parts.tolist(), clusters)
        sums = np.bincount(codes, weights=parts)
        if len(sums) < FEW_CLUSTERS:
            return Estimate(value, None, None, confidence, method, n, len(sums), reason="n_too_small", note=note)
        error = float(np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)))
    half = normal_quantile(confidence) * error
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), confidence, method, n, n, note=note)


def tuned_power(human: Floats, judge: Floats, judge_elsewhere: Floats) -> float:
    """The weight of the judge that makes PPI++ tight, cut to 0..1."""
    n, others = len(human), len(judge_elsewhere)
    spread = float(np.concatenate([judge, judge_elsewhere]).var(ddof=1)) if n + others > 1 else 0.0
    covariance = float(np.cov(human, judge)[0, 1]) if n > 1 else 0.0
    return min(1.0, max(0.0, covariance / ((1 + n / others) * spread))) if spread > 0 else 0.0


def rogan_gladen(
    flagged: float,
    total: float,
    sensitivity: tuple[float, float],
    specificity: tuple[float, float],
    *,
    confidence: float = 0.95,
) -> Estimate:
    """True rate from `flagged` of `total` and from (right, of) of positive and of negative items judged elsewhere.

    Rogan and Gladen 1978 with the interval of Lang and Reiczigel 2014; both cut to 0..1, and `note` says when the estimate lay
    outside. Se + Sp - 1 of 0.2 or less: the judge tells too little, no value, `no_variation`. `n` is `total`. All numbers may be
    effective, fractional ones.
    """
    if total == 0 or sensitivity[1] == 0 or specificity[1] == 0:
        return undefined("rogan_gladen", "n_zero", confidence, 0)
    se, sp = sensitivity[0] / sensitivity[1], specificity[0] / specificity[1]
    youden = se + sp - 1
    method, rows = "rogan_gladen_lang_reiczigel", round(total)
    if youden <= LEAST_YOUDEN:
        note = f"sensitivity + specificity - 1 is {youden:.3f}: the judge tells too little"
        return Estimate(None, None, None, confidence, method, rows, rows, reason="no_variation", note=note)
    raw = (flagged / total + sp - 1) / youden
    z = normal_quantile(confidence)
    n, n_se, n_sp = total + z * z, sensitivity[1] + 2, specificity[1] + 2
    q, se, sp = (flagged + z * z / 2) / n, (sensitivity[0] + 1) / n_se, (specificity[0] + 1) / n_sp
    youden = se + sp - 1
    middle = (q + sp - 1) / youden
    var_se, var_sp = se * (1 - se) / n_se, sp * (1 - sp) / n_sp
    shift = 2 * z * z * (middle * var_se - (1 - middle) * var_sp)
    half = z * float(np.sqrt(q * (1 - q) / n + middle**2 * var_se + (1 - middle) ** 2 * var_sp)) / youden
    low, high = (min(1.0, max(0.0, end)) for end in (middle + shift - half, middle + shift + half))
    value = min(1.0, max(0.0, raw))
    note = None if value == raw else f"estimate {raw:.4f} cut to {value:.0f}"
    return Estimate(value, min(low, value), max(high, value), confidence, method, rows, rows, note=note)
