"""How well yes/no verdicts of a judge or metric match those of people. Positive is what is looked for, say a violation."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from goldworks.statistics.comparisons import paired_difference
from goldworks.statistics.estimates import Estimate, rate, undefined
from goldworks.statistics.intervals import Floats
from goldworks.statistics.kappa import cohen_kappa
from goldworks.statistics.ratings import Resampling, counts_of, index_estimate, ratio
from goldworks.statistics.resampling import RESAMPLES


@dataclass(frozen=True, slots=True)
class JudgeQuality:
    """Judge against people over `n` labelled items. `low` of an estimate made with confidence 0.90 is the one-sided 95 % bound.

    `n_unsure`: items on which people were unsure, left out. `n_abstained`: items without a verdict, counted as wrong. `bias` is
    the judge's rate minus the people's, over the same items.
    """

    n: int
    n_positive: int
    n_negative: int
    n_unsure: int
    n_abstained: int
    agreement: Estimate
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    balanced_accuracy: Estimate
    kappa: Estimate
    mcc: Estimate
    human_rate: Estimate
    judge_rate: Estimate
    bias: Estimate


def judge_quality(
    human: Sequence[bool | None],
    judge: Sequence[bool | None],
    clusters: Sequence[Hashable] | None = None,
    *,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> JudgeQuality:
    """All figures of a judge over the same items, in the same order; None is "unsure" of people, no verdict of the judge.

    Rates: Wilson, clustered where items share a cluster. Balanced accuracy: MOVER of the two. Kappa: asymptotic. MCC: bootstrap.
    Without both classes kappa, MCC and balanced accuracy have no value.
    """
    if len(human) != len(judge):
        raise ValueError("human and judge verdicts differ in length")
    if clusters is not None and len(clusters) != len(human):
        raise ValueError("verdicts and clusters differ in length")
    keys: Sequence[Hashable] = clusters if clusters is not None else range(len(human))
    kept = [(bool(h), j, key) for h, j, key in zip(human, judge, keys, strict=True) if h is not None]
    truth = [h for h, _, _ in kept]
    said = [bool(j) if j is not None else not h for h, j, _ in kept]
    groups = [key for _, _, key in kept]

    def share(of: Sequence[bool], among: Sequence[bool]) -> Estimate:
        chosen = [i for i, is_in in enumerate(among) if is_in]
        return rate([of[i] for i in chosen], [groups[i] for i in chosen], confidence=confidence)

    everything, right = [True] * len(kept), [h == s for h, s in zip(truth, said, strict=True)]
    negative, unflagged = [not h for h in truth], [not s for s in said]
    sensitivity, specificity = share(right, truth), share(right, negative)
    cells = np.array(
        [[h and s, h and not s, s and not h, not h and not s] for h, s in zip(truth, said, strict=True)], dtype=np.float64
    )
    how = Resampling(groups, confidence, seed, resamples)
    if all(truth) or not any(truth):
        kappa, mcc = (undefined(name, "single_class", confidence, 0) for name in ("cohen_kappa", "mcc"))
    else:
        kappa = cohen_kappa(truth, said, (False, True), clusters=groups, confidence=confidence, seed=seed, resamples=resamples)
        mcc = index_estimate("mcc", cells, counts_of(list(zip(truth, said, strict=True)), (False, True)), _mcc, how)
    return JudgeQuality(
        n=len(kept),
        n_positive=sum(truth),
        n_negative=len(kept) - sum(truth),
        n_unsure=len(human) - len(kept),
        n_abstained=sum(j is None for _, j, _ in kept),
        agreement=share(right, everything),
        sensitivity=sensitivity,
        specificity=specificity,
        ppv=share(right, said),
        npv=share(right, unflagged),
        balanced_accuracy=balanced_accuracy(sensitivity, specificity),
        kappa=kappa,
        mcc=mcc,
        human_rate=share(truth, everything),
        judge_rate=share(said, everything),
        bias=paired_difference(truth, said, groups, confidence=confidence, seed=seed, resamples=resamples),
    )


def balanced_accuracy(sensitivity: Estimate, specificity: Estimate) -> Estimate:
    """(Se + Sp) / 2; its limits are half the square-and-add (MOVER) of those of its parts, which come from different items."""
    n, clusters = sensitivity.n + specificity.n, sensitivity.n_clusters + specificity.n_clusters
    method, confidence = "balanced_accuracy_mover", sensitivity.confidence
    missing = sensitivity.n_missing + specificity.n_missing
    if sensitivity.value is None or specificity.value is None:
        return undefined(method, "single_class", confidence, missing)
    value = (sensitivity.value + specificity.value) / 2
    if sensitivity.low is None or sensitivity.high is None or specificity.low is None or specificity.high is None:
        return Estimate(value, None, None, confidence, method, n, clusters, missing, reason="n_too_small")
    down = sqrt((sensitivity.value - sensitivity.low) ** 2 + (specificity.value - specificity.low) ** 2) / 2
    up = sqrt((sensitivity.high - sensitivity.value) ** 2 + (specificity.high - specificity.value) ** 2) / 2
    return Estimate(value, max(0.0, value - down), min(1.0, value + up), confidence, method, n, clusters, missing)


def _mcc(sums: Floats) -> Floats:
    """Matthews' correlation (1975) of cells [tp, fn, fp, tn]."""
    tp, fn, fp, tn = (sums[..., i] for i in range(4))
    return ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))
