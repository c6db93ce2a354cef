"""Whether a judge may gate: each requirement of a certificate, whether it holds, and what is missing. Limits come from a policy.

What revokes a certificate later (another model, prompt, rubric) is no statistics and stands elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldworks.statistics.estimates import Estimate
from goldworks.statistics.intervals import clopper_pearson_low
from goldworks.statistics.judge_quality import JudgeQuality


@dataclass(frozen=True, slots=True)
class CertificateLimits:
    """What a certificate asks. Rates in 0..1; `*_low` are limits of one-sided bounds; None asks for nothing."""

    least_labels: int
    least_positives: int
    least_negatives: int
    most_age_days: float
    human_alpha_low: float
    balanced_accuracy_low: float
    kappa_low: float
    sensitivity_low: float | None
    self_consistency: float | None
    most_bias: float | None
    most_unsure: float | None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of a certificate. `value` is None when it could not be computed, and then the requirement does not hold.

    `missing` says in plain words what would settle it; None when it holds.
    """

    name: str
    holds: bool
    value: float | None
    limit: float
    missing: str | None


def certificate_requirements(
    quality: JudgeQuality,
    limits: CertificateLimits,
    *,
    oldest_label_days: float | None,
    human_alpha: Estimate | None,
    self_consistency: float | None = None,
    corrected_bias: Estimate | None = None,
) -> tuple[Requirement, ...]:
    """The requirements in order. A judge is calibrated when all hold.

    `quality` with confidence 0.90, so that `low` is a one-sided 95 % bound. `human_alpha`: the raters' agreement with each other.
    `self_consistency`: share of equal verdicts when anchors are judged again. `corrected_bias`: judge's rate after correction
    minus people's, with its interval.
    """
    lines = [
        _at_least("labels", quality.n, limits.least_labels, "labels"),
        _at_least("positives", quality.n_positive, limits.least_positives, "items that people call positive"),
        _at_least("negatives", quality.n_negative, limits.least_negatives, "items that people call negative"),
        _age(oldest_label_days, limits.most_age_days),
        _bound("human_alpha", human_alpha, limits.human_alpha_low, "agreement of the raters", "improve the guideline first"),
        _bound(
            "balanced_accuracy", quality.balanced_accuracy, limits.balanced_accuracy_low, "balanced accuracy", "a better judge"
        ),
        _bound("kappa", quality.kappa, limits.kappa_low, "kappa with people", "a better judge"),
    ]
    if limits.sensitivity_low is not None:
        lines.append(_sensitivity(quality, limits.sensitivity_low))
    if limits.self_consistency is not None:
        lines.append(_consistency(self_consistency, limits.self_consistency))
    if limits.most_bias is not None:
        lines.append(_bias(corrected_bias, limits.most_bias))
    if limits.most_unsure is not None:
        lines.append(_unsure(quality, limits.most_unsure))
    return tuple(lines)


def _at_least(name: str, value: int, limit: int, what: str) -> Requirement:
    short = None if value >= limit else f"{limit - value} more {what}: {value} of {limit}"
    return Requirement(name, short is None, value, limit, short)


def _age(days: float | None, limit: float) -> Requirement:
    if days is None:
        return Requirement("age", False, None, limit, "the age of the labels is not known")
    short = None if days <= limit else f"labels younger than {limit:g} days: the oldest is {days:.0f} days old"
    return Requirement("age", short is None, days, limit, short)


def _bound(name: str, estimate: Estimate | None, limit: float, what: str, remedy: str) -> Requirement:
    """Holds when the lower bound reaches the limit. More labels help when the value itself does; else only the remedy."""
    if estimate is None or estimate.value is None or estimate.low is None:
        reason = (estimate.reason if estimate else None) or "not measured"
        return Requirement(name, False, None, limit, f"{what} has no bound: {reason}")
    if estimate.low >= limit:
        return Requirement(name, True, estimate.low, limit, None)
    help_by = "more labels may show it" if estimate.value > limit else remedy
    short = f"{what} of at least {limit:g}: is {estimate.value:.3f}, shown to be at least {estimate.low:.3f}; {help_by}"
    return Requirement(name, False, estimate.low, limit, short)


def _sensitivity(quality: JudgeQuality, limit: float) -> Requirement:
    """Exact bound, for this one is a claim of safety; items in clusters count as clusters do in the estimate."""
    seen = quality.sensitivity
    if seen.value is None or seen.low is None:
        return Requirement("sensitivity", False, None, limit, f"sensitivity has no bound: {seen.reason}")
    alpha = (1 - seen.confidence) / 2
    low = clopper_pearson_low(round(seen.value * seen.n), seen.n, alpha) if seen.n_clusters == seen.n else seen.low
    if low >= limit:
        return Requirement("sensitivity", True, low, limit, None)
    help_by = "more positive labels may show it" if seen.value > limit else "a lower threshold or a better judge"
    short = f"sensitivity of at least {limit:g}: is {seen.value:.3f}, shown to be at least {low:.3f}; {help_by}"
    return Requirement("sensitivity", False, low, limit, short)


def _consistency(value: float | None, limit: float) -> Requirement:
    if value is None:
        return Requirement("self_consistency", False, None, limit, "anchors were not judged again")
    short = None if value >= limit else f"the same verdict on {limit:.0%} of anchors judged again: {value:.1%}"
    return Requirement("self_consistency", short is None, value, limit, short)


def _bias(bias: Estimate | None, limit: float) -> Requirement:
    if bias is None or bias.low is None or bias.high is None:
        reason = (bias.reason if bias else None) or "not measured"
        return Requirement("bias", False, None, limit, f"bias after correction has no interval: {reason}")
    worst = max(abs(bias.low), abs(bias.high))
    short = None if worst <= limit else f"bias after correction within {limit:g}: may be {worst:.3f}"
    return Requirement("bias", short is None, worst, limit, short)


def _unsure(quality: JudgeQuality, limit: float) -> Requirement:
    asked = quality.n + quality.n_unsure
    if asked == 0:
        return Requirement("unsure", False, None, limit, "nothing was labelled")
    share = quality.n_unsure / asked
    short = None if share <= limit else f"people unsure of at most {limit:.0%}: {share:.1%}; improve the guideline first"
    return Requirement("unsure", short is None, share, limit, short)
