"""Whether a certificate is about what the metric is used on now: the scores that people's labels confirmed, and those of a run.

What is compared is how answers score, not how good they are. A worse release has more bad answers, its scores move, and the gate
must say so; it must not lose its certificate over it. What a certificate says holds as long as bad answers score as bad ones did
and good ones as good ones did, so a graded metric's scores are held against every mixture of the two, and the distance to the
nearest counts. When none is near, the inputs, the style of the answers or the judge have moved.

A verdict of 0 or 1 does not show why its share moved. It is therefore compared on the run in service, the baseline's, whose
quality is not in question: had its share moved, the data would have. Without a baseline it is the run itself.

A run of which people labelled as many answers as a certificate takes is compared with those labels alone: they are about it. When
these cannot show it, all of them being good, say, it is compared with all labels: what cannot be compared is no proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

from goldworks.calibration.policy import DriftLimits, Limits
from goldworks.release.rows import Comparisons, Drift, Labelled, SuiteRun
from goldworks.statistics import seed_of
from goldworks.statistics.drift_mixture import LEAST_OF_KIND, MixtureDrift, mixture_drift
from goldworks.statistics.drift_scores import Sample, ScoreDrift, independent, score_drift

AGAIN = "and certify again: goldworks review queue, then goldworks calibrate"


def drift_in(found: Comparisons, runs: Iterable[SuiteRun]) -> dict[str, Drift]:
    """By `suite/metric` what moved, in the first of the runs compared in which anything did. `runs`: these, in any order."""
    by_id = {run.run_id: run for run in runs}
    drifted: dict[str, Drift] = {}
    for of, compared in found.of.items():
        for one in compared:
            moved = drift_of(
                of.partition("/")[2],
                one.labels,
                by_id[one.run_id],
                found.limits,
                is_graded=one.is_graded,
                asks=found.asks,
                is_of_baseline=one.is_of_baseline,
            )
            if moved is not None:
                drifted[of] = moved
                break
    return drifted


def drift_of(
    metric: str,
    labels: Sequence[Labelled],
    run: SuiteRun,
    limits: DriftLimits,
    *,
    is_graded: bool,
    asks: Limits,
    is_of_baseline: bool = False,
) -> Drift | None:
    """What moved, in words, with what ends it; None when nothing is shown to have.

    `labels`: those the certificate rests on, whose `case_id` is set when they are of this run. `asks`: what a certificate takes,
    and so how many labels of the run itself speak for it alone. Too few scores of the run show nothing. Labels that are too few
    to compare with show nothing either, unless no certificate could rest on them: then it is open like one that moved.
    `is_of_baseline`: the run is only held against; what moved in it leaves comparisons open, and the words say whose it is.
    """
    rows = [row for row in run.scores if row["metric"] == metric and row["value"] is not None]
    rows.sort(key=lambda row: (row["case_id"], row["repeat"]))  # tables keep no order, and resamples are drawn by it
    scored = [(row["case_id"], float(row["value"])) for row in rows]
    clusters = run.clusters
    now = Sample([value for _, value in scored], clusters=[clusters.get(case, case) for case, _ in scored])
    name = f"the baseline {run.release}" if is_of_baseline else run.release
    seed = seed_of(run.run_id, f"{run.suite}/{metric}", "drift")
    compare = _graded if is_graded else _verdicts
    own = [one for one in labels if one.case_id is not None]
    has_enough, enough = len(own) >= asks.least_labels, asks.least_labels
    certified, found = own, compare(own, now, limits, seed) if has_enough else None
    is_own = found is not None and found.reason is None
    if found is None or not is_own:
        certified, found = list(labels), compare(labels, now, limits, seed)
    if found.reason is not None:
        return None if independent(now) < limits.least_scores else _too_few(metric, labels, name, asks, is_of_baseline)
    if not found.has_moved:
        return None
    said = _apart(found, limits) if isinstance(found, MixtureDrift) else _share_moved(certified, now, found, limits)
    which = "which people labelled" if is_own else f"that {metric} was certified on"
    words = f"the {len(scored)} answers of {name} score otherwise than the {len(certified)} {which}: {said}"
    if has_enough and not is_own:
        more = _short(own, limits, is_graded)
        kinds = f", until {LEAST_OF_KIND} bad and {LEAST_OF_KIND} good ones are among them," if is_graded else ""
        remedy = f"label {more} or more other answers of {run.release}, drawn by the queue{kinds} {AGAIN}"
        return Drift(words, remedy, more, is_of_baseline)
    more, drawn = (enough, ", drawn by the queue") if is_own else (enough - len(own), "")
    return Drift(words, f"label {more} more answers of {run.release}{drawn} {AGAIN}", more, is_of_baseline)


def _too_few(metric: str, labels: Sequence[Labelled], name: str, asks: Limits, is_of_baseline: bool) -> Drift | None:
    """None when a certificate could rest on so many labels."""
    bad = sum(one.is_failure for one in labels)
    good = len(labels) - bad
    kinds = max(0, asks.least_positives - bad) + max(0, asks.least_negatives - good)
    more = max(kinds, asks.least_labels - len(labels))
    if more <= 0:
        return None
    words = (
        f"the answers of {name} cannot be compared with those that {metric} was certified on: labels of only {bad} bad and "
        f"{good} good ones are left, and a certificate takes {asks.least_labels}, of {asks.least_positives} bad and "
        f"{asks.least_negatives} good ones at least"
    )
    return Drift(words, f"label {more} more answers, bad and good ones, {AGAIN}", more, is_of_baseline)


def _short(own: Sequence[Labelled], limits: DriftLimits, is_graded: bool) -> int:
    """Labels of the run that it lacks at least, to be compared with these alone."""
    sizes = [independent(one) for one in (_kinds(own) if is_graded else (_sample(own),))]
    kinds = sum(max(0, LEAST_OF_KIND - size) for size in sizes) if is_graded else 0
    return max(1, ceil(max(kinds, limits.least_scores - sum(sizes))))


def _graded(certified: Sequence[Labelled], now: Sample, limits: DriftLimits, seed: int) -> MixtureDrift:
    bad, good = _kinds(certified)
    return mixture_drift(
        bad, good, now, seed=seed, alpha=limits.alpha, least_effect=limits.least_effect, least=limits.least_scores
    )


def _verdicts(certified: Sequence[Labelled], now: Sample, limits: DriftLimits, seed: int) -> ScoreDrift:
    was = _sample(certified)
    return score_drift(was, now, seed=seed, alpha=limits.alpha, least_effect=limits.least_effect, least=limits.least_scores)


def _apart(found: MixtureDrift, limits: DriftLimits) -> str:
    return (
        f"whatever share of them is bad, the distributions are {found.effect:.3f} apart; in {1 - limits.alpha:.0%} of cases "
        f"chance gives at most {found.limit:.3f}, and {limits.least_effect:.3f} is let pass"
    )


def _share_moved(certified: Sequence[Labelled], now: Sample, found: ScoreDrift, limits: DriftLimits) -> str:
    return (
        f"it calls {_mean(now):.1%} of them good and called {_mean(_sample(certified)):.1%}, weighed (p {found.p_value:.2g}, "
        f"{limits.alpha:g} decides; a difference of {limits.least_effect:.3f} is let pass)"
    )


def _kinds(labels: Sequence[Labelled]) -> tuple[Sample, Sample]:
    bad, good = (_sample([one for one in labels if one.is_failure is failed]) for failed in (True, False))
    return bad, good


def _sample(labels: Sequence[Labelled]) -> Sample:
    return Sample([one.value for one in labels], [1 / one.probability for one in labels], [one.cluster for one in labels])


def _mean(sample: Sample) -> float:
    weights = sample.weights or [1.0] * len(sample.values)
    return sum(value * weight for value, weight in zip(sample.values, weights, strict=True)) / sum(weights)
