"""What people would have found among answers of which a judge's word is known of all and people's of some: share of good ones.

`human_rate` takes the judged answers as all there are; here they are a sample themselves, and rows may share clusters and have
been drawn for labelling with unequal probabilities. So each interval holds both: that of the answers and that of the labels.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from goldworks.statistics.estimates import Estimate, tidy, undefined
from goldworks.statistics.human_rate import DRAWS, LEAST_YOUDEN, prediction_powered, rogan_gladen, tuned_power
from goldworks.statistics.intervals import Floats, normal_quantile
from goldworks.statistics.resampling import percentile_interval


@dataclass(frozen=True, slots=True)
class Share:
    """A share seen in `n` rows that tell as much of it as `effective` independent rows of equal weight."""

    value: float
    n: int
    effective: float

    @property
    def hits(self) -> float:
        """Effective number of hits."""
        return self.value * self.effective


@dataclass(frozen=True, slots=True)
class HumanRate:
    """An estimate from `labels` labels. Its variance is `of_cases` + `of_labels`: what more cases or more labels would lessen."""

    estimate: Estimate
    labels: int
    of_cases: float = 0.0
    of_labels: float = 0.0


def weighted_share(hits: Sequence[bool], weights: Sequence[float], clusters: Sequence[Hashable]) -> Share | None:
    """Hajek's share, sum of w y / sum of w; None without a row. `weights`: 1 / the probability of being drawn.

    `effective` is Kish's (sum w)^2 / sum w^2, lowered by what the linearised clustered variance exceeds that of independent rows.
    Of a share of 0 or 1 the rows do not tell of their dependence, and the clusters count, by their weight.
    """
    if not hits:
        return None
    y, codes, _ = tidy([float(hit) for hit in hits], clusters)
    w = np.array(weights, dtype=np.float64)
    total, kish = float(w.sum()), float(w.sum() ** 2 / (w**2).sum())
    value = float(w @ y) / total
    of_clusters = np.bincount(codes, weights=w)
    groups = len(of_clusters)
    if groups < 2 or not y.any() or y.all():
        effective = float(total**2 / (of_clusters**2).sum())
    else:
        residuals = np.bincount(codes, weights=w * (y - value))
        variance = float((residuals**2).sum()) * groups / (groups - 1) / total**2
        naive = value * (1 - value) / (kish - 1)
        effective = kish if variance <= naive else kish * naive / variance
    return Share(value, len(y), effective)


@dataclass(frozen=True, slots=True)
class Part:
    """What each row adds to the error of an estimate, times its size, and the cluster of each."""

    errors: Sequence[float]
    clusters: Sequence[Hashable]


def dependence(parts: Sequence[Part]) -> float:
    """How many times larger the variance of the sum of the parts is when clusters that they share are one, at least 1."""
    alone = sum(_cluster_variance(one.errors, one.clusters) for one in parts)
    errors = [error for one in parts for error in one.errors]
    joined = _cluster_variance(errors, [cluster for one in parts for cluster in one.clusters])
    return max(1.0, joined / alone) if alone > 0 else 1.0


def _cluster_variance(errors: Sequence[float], clusters: Sequence[Hashable]) -> float:
    if not errors:
        return 0.0
    values, codes, _ = tidy(errors, clusters)
    return float((np.bincount(codes, weights=values) ** 2).sum())


def stratified_by_word(
    flagged: Share,
    good_of_flagged: Share | None,
    good_of_rest: Share | None,
    *,
    confidence: float,
    seed: int,
    widened: float = 1.0,
) -> HumanRate:
    """Post-stratified by the judge's word: F g_flagged + (1 - F) g_rest, with F the share of answers that the judge flags.

    Interval: percentiles of Jeffreys draws, Beta(hits + 1/2, misses + 1/2), of all three: F says which answers users would get.
    `widened`: the draws' variance is taken so many times, for answers and labels of one conversation (`dependence`).
    A word that occurs without a label of it: no value, `n_too_small`; `note` names it. `n` and `n_clusters`: of the answers.
    """
    method = "post_stratified_jeffreys"
    labels = sum(one.n for one in (good_of_flagged, good_of_rest) if one is not None)
    bare = [
        name
        for name, one, share in (("flags", good_of_flagged, flagged.value), ("passes", good_of_rest, 1 - flagged.value))
        if one is None and share > 0
    ]
    if bare:
        note = f"no label of what it {' and '.join(bare)}"
        return HumanRate(replace(undefined(method, "n_too_small", confidence, 0), note=note, n=flagged.n), labels)
    random = np.random.default_rng(seed)
    one, rest = (found.value if found is not None else 0.0 for found in (good_of_flagged, good_of_rest))
    value = flagged.value * one + (1 - flagged.value) * rest
    shares, of_flagged, of_rest = (
        _draws(random, found) if found is not None else random.beta(0.5, 0.5, DRAWS)
        for found in (flagged, good_of_flagged, good_of_rest)
    )
    drawn = shares * of_flagged + (1 - shares) * of_rest
    drawn = value + (drawn - value) * widened**0.5
    low, high = (min(1.0, max(0.0, end)) for end in percentile_interval(drawn, confidence))
    low, high = 0.0 if value == 0 else min(low, value), 1.0 if value == 1 else max(high, value)
    estimate = Estimate(value, low, high, confidence, method, flagged.n, flagged.n, seed=seed)
    of_cases = float((shares * one + (1 - shares) * rest).var())
    of_labels = float((flagged.value * of_flagged + (1 - flagged.value) * of_rest).var())
    return HumanRate(estimate, labels, of_cases * widened, of_labels * widened)


def corrected_for_errors(flagged: Share, sensitivity: Share, specificity: Share, *, confidence: float) -> HumanRate:
    """Share of good answers by Rogan-Gladen, from how far the judge was right about other answers. Failures are what it flags."""
    found = rogan_gladen(
        flagged.hits,
        flagged.effective,
        (sensitivity.hits, sensitivity.effective),
        (specificity.hits, specificity.effective),
        confidence=confidence,
    )
    labels = sensitivity.n + specificity.n
    if found.value is None or found.low is None or found.high is None:
        return HumanRate(replace(found, n=flagged.n), labels)
    note = None if found.note is None else f"the corrected share lies outside 0..1 and was cut to {1 - found.value:.0f}"
    good = replace(found, value=1 - found.value, low=1 - found.high, high=1 - found.low, n=flagged.n, note=note)
    youden = sensitivity.value + specificity.value - 1
    of_cases = _variance(flagged) / youden**2
    of_labels = (found.value**2 * _variance(sensitivity) + (1 - found.value) ** 2 * _variance(specificity)) / youden**2
    return HumanRate(replace(good, n_clusters=flagged.n), labels, of_cases, of_labels)


def powered_by_scores(
    good: Sequence[bool],
    scores: Sequence[float],
    scores_elsewhere: Sequence[float],
    clusters: Sequence[Hashable],
    clusters_elsewhere: Sequence[Hashable],
    *,
    confidence: float,
) -> HumanRate:
    """PPI++ of a graded score. Labelled and unlabelled answers are one population, of which the labelled are a random draw."""
    human = [float(one) for one in good]
    found = prediction_powered(human, scores, scores_elsewhere, [*clusters, *clusters_elsewhere], confidence=confidence)
    n = len(scores) + len(scores_elsewhere)
    found = replace(found, n=n, n_clusters=len({*clusters, *clusters_elsewhere}))
    if found.low is None:
        return HumanRate(found, len(human))
    y, f, g = (np.array(values, dtype=np.float64) for values in (human, scores, scores_elsewhere))
    power = tuned_power(y, f, g)
    return HumanRate(found, len(human), power**2 * float(g.var(ddof=1)) / len(g), float((y - power * f).var(ddof=1)) / len(y))


def corrected_difference(difference: Estimate, sensitivity: Share, specificity: Share, *, seed: int) -> HumanRate:
    """A judge's difference of two releases in the terms of people: over Se + Sp - 1, as Rogan-Gladen's rate is linear in the
    judge's. Supposes that the judge errs alike on both. Interval: percentiles of a normal difference over Jeffreys draws.

    Se + Sp - 1 of 0.2 or less, seen or in half of the draws: no value, `no_variation`.
    """
    method, labels = f"{difference.method}_over_youden", sensitivity.n + specificity.n
    if difference.value is None or difference.low is None or difference.high is None:
        return HumanRate(replace(difference, method=method), labels)
    youden = sensitivity.value + specificity.value - 1
    random = np.random.default_rng(seed)
    draws = _draws(random, sensitivity) + _draws(random, specificity) - 1
    if youden <= LEAST_YOUDEN or float(np.median(draws)) <= LEAST_YOUDEN:
        lost = replace(difference, value=None, low=None, high=None, method=method, reason="no_variation", p_value=None)
        return HumanRate(replace(lost, note=f"sensitivity + specificity - 1 is {youden:.3f}: the judge tells too little"), labels)
    z = normal_quantile(difference.confidence)
    upper, lower = (difference.high - difference.value) / z, (difference.value - difference.low) / z
    normal = random.standard_normal(DRAWS)
    drawn = difference.value + normal * np.where(normal > 0, upper, lower)
    low, high = percentile_interval(drawn / np.maximum(draws, LEAST_YOUDEN), difference.confidence)
    value = difference.value / youden
    low, high = max(-1.0, min(low, value)), min(1.0, max(high, value))
    found = replace(difference, value=min(1.0, max(-1.0, value)), low=low, high=high, method=method, seed=seed)
    of_cases = ((upper + lower) / 2 / youden) ** 2
    of_labels = (difference.value / youden**2) ** 2 * (_variance(sensitivity) + _variance(specificity))
    return HumanRate(found, labels, of_cases, of_labels)


def _draws(random: np.random.Generator, share: Share) -> Floats:
    return random.beta(share.hits + 0.5, share.effective - share.hits + 0.5, DRAWS)


def _variance(share: Share) -> float:
    """Of a share, at (hits + 1) of (n + 2): none is certain because it was never seen to fail."""
    n = share.effective + 2
    p = (share.hits + 1) / n
    return p * (1 - p) / n
