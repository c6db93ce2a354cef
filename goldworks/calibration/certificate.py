"""One certificate: a metric cut into good and bad, held against people's labels, and what it shows or lacks. Reads no table.

A failure is the positive class: what a judge is there to find.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from goldworks.statistics import Estimate, seed_of
from goldworks.statistics.certificates import CertificateLimits, Requirement, certificate_requirements
from goldworks.statistics.judge_quality import JudgeQuality, judge_quality
from goldworks.statistics.resampling import percentile_interval
from goldworks.statistics.score_quality import auroc, calibration_error
from goldworks.statistics.thresholds import cheap_threshold

CONFIDENCE = 0.90
"""Two-sided, so that each end is a one-sided 95 % bound."""

RESAMPLES = 2000

State = Literal["valid", "not_usable", "too_few_labels"]


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """An answer with the metric's value (0..1, higher is better; None: it gave none) and the people's word.

    `is_failure` None: people were unsure, or disagree and nobody decided. Items of one `cluster` are not independent.
    """

    item_id: str
    cluster: str
    value: float | None
    is_failure: bool | None
    labelled_at: dt.datetime
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the labels show of a metric. It calls an answer a failure up to the value `fails_up_to` (None: no value separates).

    `quality` with confidence 0.90, over the items it was not chosen on. `human_alpha`: agreement of the raters among
    themselves, the ceiling for anything held against them. `by_segment`: quality of the segments with enough labels.
    `cells`: items by (metric says failure, people say failure). `expires_at`: None without a label.
    """

    state: State
    fails_up_to: float | None
    quality: JudgeQuality
    requirements: tuple[Requirement, ...]
    auroc: Estimate
    ece: Estimate
    bias_after_correction: Estimate
    human_alpha: Estimate | None
    by_segment: dict[str, JudgeQuality]
    cells: dict[tuple[bool, bool], int]
    n_chosen_on: int
    is_graded: bool
    newest_label: dt.datetime | None
    expires_at: dt.datetime | None

    @property
    def missing(self) -> tuple[str, ...]:
        """What it lacks, in plain words."""
        return tuple(one.missing for one in self.requirements if one.missing)

    @property
    def labels_missing(self) -> int:
        """How many more labels it needs before anything can be said; the rarer class may need more. Of a graded metric, of which
        half of the labels choose the cut, twice as many as count.
        """
        short = {one.name: max(0.0, one.limit - (one.value or 0)) for one in self.requirements}
        return int(max(short["labels"], short["positives"] + short["negatives"])) * (2 if self.is_graded else 1)


def certify(
    items: Sequence[LabelledItem],
    limits: CertificateLimits,
    *,
    now: dt.datetime,
    human_alpha: Estimate | None,
    self_consistency: float | None,
    cost_of_miss: float = 1.0,
    least_in_segment: int = 30,
    name: str = "",
    is_graded: bool | None = None,
) -> Certificate:
    """Hold a metric against labels.

    A metric of 0 and 1 is taken as it stands; a graded one is cut on one half of the items (by a hash of their ids), and all
    figures are those of the other half. Labels older than the limit are left out. `self_consistency` of a program is 1.
    `is_graded` None: as the items say.
    """
    recent = [one for one in items if (now - one.labelled_at).total_seconds() <= limits.most_age_days * 86400]
    sure = [one for one in recent if one.is_failure is not None and one.value is not None]
    is_graded = any(one.value not in (0.0, 1.0) for one in sure) if is_graded is None else is_graded
    chosen_on = [one for one in recent if is_graded and is_first_half(one.item_id)]
    judged = [one for one in recent if not (is_graded and is_first_half(one.item_id))]
    fails_up_to = _cut(chosen_on, cost_of_miss) if is_graded else 0.0
    seed = seed_of("certificate", name)
    quality = _quality(judged, fails_up_to, seed)
    scored = [one for one in judged if one.is_failure is not None]
    badness = [None if one.value is None else 1 - one.value for one in scored]
    truth = [bool(one.is_failure) for one in scored]
    clusters = [one.cluster for one in scored]
    bias = _bias_after_correction(chosen_on or judged[::2], judged if chosen_on else judged[1::2], fails_up_to, seed)
    age = max(((now - one.labelled_at).total_seconds() / 86400 for one in recent), default=None)
    requirements = certificate_requirements(
        quality,
        limits,
        oldest_label_days=age,
        human_alpha=human_alpha,
        self_consistency=self_consistency,
        corrected_bias=bias,
    )
    newest = max((one.labelled_at for one in recent), default=None)
    counts = ("labels", "positives", "negatives")
    short = any(not one.holds for one in requirements if one.name in counts)
    state: State = "valid" if all(one.holds for one in requirements) else "too_few_labels" if short else "not_usable"
    return Certificate(
        state=state,
        fails_up_to=fails_up_to,
        quality=quality,
        requirements=requirements,
        auroc=auroc(badness, truth, clusters, confidence=CONFIDENCE),
        ece=calibration_error(badness, truth, clusters, confidence=CONFIDENCE, seed=seed),
        bias_after_correction=bias,
        human_alpha=human_alpha,
        by_segment=_by_segment(judged, fails_up_to, least_in_segment, seed),
        cells=_cells(judged, fails_up_to),
        n_chosen_on=len(chosen_on),
        is_graded=is_graded,
        newest_label=newest,
        expires_at=newest + dt.timedelta(days=limits.most_age_days) if newest else None,
    )


def is_first_half(item_id: str) -> bool:
    """Whether the cut of a graded metric is chosen on this item; the figures are those of the others."""
    return hashlib.sha256(item_id.encode()).digest()[0] % 2 == 0


def _cut(items: Sequence[LabelledItem], cost_of_miss: float) -> float | None:
    """The highest value that still counts as a failure."""
    pairs = [(1 - one.value, one.is_failure) for one in items if one.value is not None and one.is_failure is not None]
    truth = [failed for _, failed in pairs]
    if all(truth) or not any(truth):
        return None
    found = cheap_threshold([bad for bad, _ in pairs], truth, cost_of_miss=cost_of_miss, cost_of_false_alarm=1.0)
    return None if found.value is None else 1 - found.value


def _says_failure(one: LabelledItem, fails_up_to: float | None) -> bool | None:
    if one.value is None:
        return None
    return fails_up_to is not None and one.value <= fails_up_to + 1e-12


def _quality(items: Sequence[LabelledItem], fails_up_to: float | None, seed: int) -> JudgeQuality:
    return judge_quality(
        [one.is_failure for one in items],
        [_says_failure(one, fails_up_to) for one in items],
        [one.cluster for one in items],
        confidence=CONFIDENCE,
        seed=seed,
    )


def _by_segment(items: Sequence[LabelledItem], fails_up_to: float | None, least: int, seed: int) -> dict[str, JudgeQuality]:
    segments = Counter(one.segment for one in items if one.segment and one.is_failure is not None)
    return {
        segment: _quality([one for one in items if one.segment == segment], fails_up_to, seed)
        for segment, n in sorted(segments.items())
        if n >= least
    }


def _cells(items: Sequence[LabelledItem], fails_up_to: float | None) -> dict[tuple[bool, bool], int]:
    found: Counter[tuple[bool, bool]] = Counter()
    for one in items:
        says = _says_failure(one, fails_up_to)
        if says is not None and one.is_failure is not None:
            found[says, one.is_failure] += 1
    return dict(found)


def _bias_after_correction(
    learnt_from: Sequence[LabelledItem], tested_on: Sequence[LabelledItem], fails_up_to: float | None, seed: int
) -> Estimate:
    """Failure rate by post-stratification learnt on some items, minus the people's rate, on others. Interval: both sets drawn
    anew 2,000 times from their four cells.
    """
    random = np.random.default_rng(seed)
    rates: list[np.ndarray[tuple[int, int], np.dtype[np.float64]]] = []
    values: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    for items in (learnt_from, tested_on):
        cells = _cells(items, fails_up_to)
        counts = np.array([cells.get(key, 0) for key in ((True, True), (True, False), (False, True), (False, False))], float)
        if counts.sum() == 0:
            return Estimate(None, None, None, CONFIDENCE, "bias_after_correction", 0, 0, reason="n_zero")
        values.append(counts)
        rates.append(random.multinomial(int(counts.sum()), counts / counts.sum(), size=RESAMPLES).astype(float))

    def bias(learnt: np.ndarray, tested: np.ndarray) -> np.ndarray:  # pyright: ignore[reportMissingTypeArgument, reportUnknownParameterType]
        flagged = (learnt[..., 0] + 0.5) / (learnt[..., 0] + learnt[..., 1] + 1)
        unflagged = (learnt[..., 2] + 0.5) / (learnt[..., 2] + learnt[..., 3] + 1)
        n = tested.sum(axis=-1)
        predicted = ((tested[..., 0] + tested[..., 1]) * flagged + (tested[..., 2] + tested[..., 3]) * unflagged) / n
        return predicted - (tested[..., 0] + tested[..., 2]) / n

    n = int(values[1].sum())
    low, high = percentile_interval(bias(rates[0], rates[1]), CONFIDENCE)
    value = float(bias(values[0], values[1]))
    return Estimate(value, min(low, value), max(high, value), CONFIDENCE, "bias_after_correction", n, n, seed=seed)
