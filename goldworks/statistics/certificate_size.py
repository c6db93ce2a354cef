"""How many labels a certificate takes, for a judge whose sensitivity and specificity are guessed beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from goldworks.statistics.intervals import clopper_pearson_low, wilson
from goldworks.statistics.kappa import kappa_error

CONFIDENCE = 0.95
MOST_LABELS = 1_000_000


@dataclass(frozen=True, slots=True)
class CertificateSize:
    """`labels` items for people, about `positives` of them positive; `decided_by` names the requirement that asks for most."""

    labels: int
    positives: int
    decided_by: str


def labels_for_certificate(
    sensitivity: float,
    specificity: float,
    share_positive: float,
    *,
    least_labels: int,
    least_positives: int,
    least_negatives: int,
    balanced_accuracy_low: float,
    kappa_low: float,
    sensitivity_low: float | None = None,
    confidence: float = CONFIDENCE,
) -> CertificateSize | None:
    """Labels until each bound reaches its limit, if people find what is guessed; one-sided bounds of `confidence`.

    This is the size at which the bound is met on average, so half of such judges pass: plan a quarter more. `share_positive` is
    that of the labelled sample, which may be enriched. None: a judge as guessed misses a limit however many labels there are.
    """
    if not (0 < share_positive < 1 and 0 < sensitivity <= 1 and 0 < specificity <= 1):
        raise ValueError("sensitivity, specificity and the share of positives lie between 0 and 1")

    def balanced(n: float) -> float:
        low_se = wilson(sensitivity, n * share_positive, 2 * confidence - 1)[0]
        low_sp = wilson(specificity, n * (1 - share_positive), 2 * confidence - 1)[0]
        return (sensitivity + specificity) / 2 - sqrt((sensitivity - low_se) ** 2 + (specificity - low_sp) ** 2) / 2

    def kappa(n: float) -> float:
        p, q = share_positive, 1 - share_positive
        table = np.array([[q * specificity, q * (1 - specificity)], [p * (1 - sensitivity), p * sensitivity]])
        flagged = float(table[:, 1].sum())
        chance = p * flagged + q * (1 - flagged)
        value = (float(np.trace(table)) - chance) / (1 - chance)
        # at full agreement the asymptotic error is 0, and the disagreement that n labels leave possible stands in for it
        error = kappa_error(table, value, 1)
        slip = (1 - wilson(1.0, n, 2 * confidence - 1)[0]) / (1 - chance)
        spread = 0.0 if error is None else _z(confidence) * error / sqrt(n)
        return value - max(spread, slip if value > 1 - 1e-12 else 0.0)

    def caught(n: float) -> float:
        positives = n * share_positive
        return clopper_pearson_low(sensitivity * positives, positives, 1 - confidence)

    needed = {
        "labels": least_labels,
        "positives": ceil(least_positives / share_positive),
        "negatives": ceil(least_negatives / (1 - share_positive)),
    }
    bounds = {"balanced accuracy": (balanced, balanced_accuracy_low), "kappa": (kappa, kappa_low)}
    if sensitivity_low is not None:
        bounds["sensitivity"] = (caught, sensitivity_low)
    for name, (bound, limit) in bounds.items():
        low, high = 1, 2
        while bound(high) < limit:
            low, high = high, high * 2
            if high > MOST_LABELS:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if bound(middle) >= limit else (middle, high)
        needed[name] = high
    decided_by = max(needed, key=lambda name: needed[name])
    labels = needed[decided_by]
    return CertificateSize(labels, round(labels * share_positive), decided_by)


def _z(confidence: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(confidence)
