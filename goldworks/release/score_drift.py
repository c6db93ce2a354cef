"""Whether a certificate is about what the metric is used on now: the scores that people's labels confirmed, and those of a run.

What is compared is how answers score, not how good they are. A worse release has more bad answers, its scores move, and the gate
must say so; it must not lose its certificate over it. What a certificate says holds as long as bad answers score as bad ones did
and good ones as good ones did, so a graded metric's scores are held against every mixture of the two, and the distance to the
nearest counts. When none is near, the inputs, the style of the answers or the judge have moved.

A verdict of 0 or 1 does not show why its share moved. It is therefore compared on the run in service, the baseline's, whose
quality is not in question: had its share moved, the data would have. Without a baseline it is the run itself.

A run of which people labelled as many answers as a certificate takes is compared with those labels alone: they are about it.
"""

from __future__ import annotations

from collections.abc import Sequence

from goldworks.calibration.policy import DriftLimits
from goldworks.release.rows import Drift, Labelled, SuiteRun
from goldworks.statistics import seed_of
from goldworks.statistics.drift_mixture import mixture_drift
from goldworks.statistics.drift_scores import Sample, score_drift


def drift_of(
    metric: str, labels: Sequence[Labelled], run: SuiteRun, limits: DriftLimits, *, is_graded: bool, enough: int
) -> Drift | None:
    """What moved, in words, with what ends it; None when nothing is shown to have.

    `labels`: those the certificate rests on, whose `case_id` is set when they are of this run. `enough`: how many labels of the
    run itself make a certificate. Too few scores show nothing.
    """
    rows = [row for row in run.scores if row["metric"] == metric and row["value"] is not None]
    rows.sort(key=lambda row: (row["case_id"], row["repeat"]))  # tables keep no order, and resamples are drawn by it
    scored = [(row["case_id"], float(row["value"])) for row in rows]
    own = [one for one in labels if one.case_id is not None]
    certified = own if len(own) >= enough else list(labels)
    clusters = run.clusters
    now = Sample([value for _, value in scored], clusters=[clusters.get(case, case) for case, _ in scored])
    seed = seed_of(run.run_id, f"{run.suite}/{metric}", "drift")
    found = _graded(certified, now, limits, seed) if is_graded else _verdicts(certified, now, limits, seed)
    if found is None:
        return None
    has_own = certified is own
    which = "which people labelled" if has_own else f"that {metric} was certified on"
    more = enough if has_own else enough - len(own)
    drawn = ", drawn by the queue" if has_own else ""
    return Drift(
        f"the {len(scored)} answers of {run.release} score otherwise than the {len(certified)} {which}: {found}",
        f"label {more} more answers of {run.release}{drawn} and certify again: goldworks review queue, then goldworks calibrate",
        more,
    )


def _graded(certified: Sequence[Labelled], now: Sample, limits: DriftLimits, seed: int) -> str | None:
    bad, good = (_sample([one for one in certified if one.is_failure is failed]) for failed in (True, False))
    found = mixture_drift(
        bad, good, now, seed=seed, alpha=limits.alpha, least_effect=limits.least_effect, least=limits.least_scores
    )
    if not found.has_moved or found.effect is None or found.limit is None:
        return None
    return (
        f"whatever share of them is bad, the distributions are {found.effect:.3f} apart; in {1 - limits.alpha:.0%} of cases "
        f"chance gives at most {found.limit:.3f}, and {limits.least_effect:.3f} is let pass"
    )


def _verdicts(certified: Sequence[Labelled], now: Sample, limits: DriftLimits, seed: int) -> str | None:
    was = _sample(certified)
    found = score_drift(was, now, seed=seed, alpha=limits.alpha, least_effect=limits.least_effect, least=limits.least_scores)
    if not found.has_moved or found.effect is None or found.p_value is None:
        return None
    return (
        f"it calls {_mean(now):.1%} of them good and called {_mean(was):.1%}, weighed (p {found.p_value:.2g}, {limits.alpha:g} "
        f"decides; a difference of {limits.least_effect:.3f} is let pass)"
    )


def _sample(labels: Sequence[Labelled]) -> Sample:
    return Sample([one.value for one in labels], [1 / one.probability for one in labels], [one.cluster for one in labels])


def _mean(sample: Sample) -> float:
    weights = sample.weights or [1.0] * len(sample.values)
    return sum(value * weight for value, weight in zip(sample.values, weights, strict=True)) / sum(weights)
