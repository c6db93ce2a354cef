"""What would settle a gate that is open: how many more cases, answers or labels, and what they take."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor, inf, isclose

from goldworks.release.gate_policy import Gate
from goldworks.release.measuring import measured, standard_error
from goldworks.release.noise import noise_of, repeats_for
from goldworks.release.people import Equivalent
from goldworks.release.rows import Evidence, SuiteRun
from goldworks.release.verdict import Settle
from goldworks.statistics import Estimate
from goldworks.statistics.acceptance import cases_to_prove
from goldworks.statistics.intervals import normal_quantile
from goldworks.statistics.power import POWER, error_for, margin_at

MOST_CASES = 100_000
"""Beyond this nobody adds cases; the margin or the threshold has to be thought over."""


def margin_reached(difference: Estimate) -> float | None:
    """The smallest margin that these cases prove 4 times in 5 when nothing changed, by the interval's width; where no case
    differs, what the interval rules out already.
    """
    if _nothing_differs(difference):
        return difference.high
    error = standard_error(difference)
    return None if error is None else margin_at(error, confidence=_one_sided(difference), power=POWER)


def settle_relative(
    gate: Gate, evidence: Evidence, difference: Estimate, margin: float, has_look_left: bool = False
) -> Settle | None:
    """For an open `not_worse`: independent cases for the margin, if the true difference is none, or what was seen if better; and
    where most of the width is noise of single runs, more answers of the same cases, which nobody has to write and approve.

    `has_look_left`: the policy plans a further look at this golden version.
    """
    error = standard_error(difference)
    if error is None or difference.value is None or not difference.n_clusters:
        return None
    if _nothing_differs(difference):
        squared = normal_quantile(difference.confidence) ** 2
        more = floor(squared * (1 - margin) / margin) + 1 - difference.n_clusters
        return _more_cases(gate, evidence, more, "if again no case differs", sides=2, is_sure=True)
    better = difference.value if gate.measure is None else -difference.value
    room = margin + max(0.0, better)
    wanted = error_for(room, confidence=_one_sided(difference), power=POWER)
    needed = ceil(difference.n_clusters * (error / wanted) ** 2)
    likely = "if nothing changed" if better <= 0 else "if the gain is real"
    by_cases = _more_cases(gate, evidence, needed - difference.n_clusters, likely, sides=2)
    noise, repeats = noise_of(gate, evidence), evidence.candidate[gate.suite].repeats
    asked = repeats_for(error, noise, wanted, repeats, difference.n_clusters) if noise is not None else None
    if noise is None or asked is None:
        return by_cases
    return _more_repeats(gate, evidence, by_cases, asked, noise / max(noise, error**2), likely, has_look_left)


def _nothing_differs(difference: Estimate) -> bool:
    """Whether no case does. The bounds are then -+z^2 / (n + z^2): they close in as 1 / n, and not as its root."""
    squared = normal_quantile(difference.confidence) ** 2
    return (
        difference.method in ("paired_tango", "paired_constant")
        and difference.value == 0
        and difference.high is not None
        and isclose(difference.high, squared / (difference.n_clusters + squared), rel_tol=1e-6)
    )


def _more_repeats(
    gate: Gate, evidence: Evidence, by_cases: Settle, asked: int, share: float, likely: str, has_look_left: bool
) -> Settle:
    """Hours and dollars: of asking every case so often, for both releases, as another number of repeats is another run."""
    run = evidence.candidate[gate.suite]
    hours, usd = price(run, 2 * asked * len(run.clusters))
    if has_look_left:
        how = (
            "it is the second look that the policy plans: goldworks eval run "
            f"--use-case {evidence.use_case} --suite {gate.suite} --repeats {asked}, with --release for either"
        )
    else:
        how = "the look at this golden version is made, so ask so often from the next one on, or have two looks planned for it"
    words = (
        f"{asked} answers per case instead of {run.repeats} would settle it 4 times in 5, {likely}{_spent(hours, usd, 2)}, for "
        f"{100 * share:.0f} % of the variance is noise of single runs; {how}. Without repeats: {by_cases.words}"
    )
    return replace(by_cases, words=words, repeats=asked - run.repeats, hours=hours, usd=usd)


def settle_absolute(gate: Gate, evidence: Evidence, estimate: Estimate, threshold: float) -> Settle | None:
    """For an open `at_least` or `at_most`: cases until the bound passes the threshold 4 times in 5, at the rate that was seen."""
    value, n = estimate.value, estimate.n_clusters
    if value is None or not n:
        return None
    gap = value - threshold if gate.kind == "at_least" else threshold - value
    if gap <= 0:
        side = "below" if gate.kind == "at_least" else "above"
        return Settle(
            f"what was measured lies {side} the threshold: more cases would most likely fail it; mend the release, or show in a "
            "larger sample that this one was bad luck"
        )
    likely = "if the rate stays as it is"
    is_exact = estimate.method.startswith("clopper_pearson") and (gate.family == "safety" or value in (0, 1))
    if is_exact:
        is_floor = gate.kind == "at_least"
        failures = round((1 - value if is_floor else value) * n)
        limit = 1 - threshold if is_floor else threshold
        needed = cases_to_prove(limit, failures, confidence=_one_sided(estimate))
        likely = "if none of them fails"
    else:
        error = standard_error(estimate)
        if error is None:
            return None
        needed = ceil(n * (error / error_for(gap, confidence=_one_sided(estimate), power=POWER)) ** 2)
    return _more_cases(gate, evidence, needed - n, likely, sides=1, is_sure=is_exact)


def settle_people(
    gate: Gate, evidence: Evidence, found: Equivalent, threshold: float, has_look_left: bool = False
) -> Settle | None:
    """For an open `at_least` or `at_most` on what people would say: labels, cases or both, by which of them the width comes from.

    Of the variance that the bound allows 4 times in 5, the lesser part is taken as it is, and the greater one lowered to the
    rest; where the lesser alone is too much, or there are no more answers of the run to label, both are lowered alike.
    `has_look_left`: the policy plans a further look at this golden version, which labels may be for, when there are so many.
    """
    rate, value = found.rate, found.rate.estimate.value
    if value is None:
        return None
    gap = value - threshold if gate.kind == "at_least" else threshold - value
    by_labels = rate.of_labels >= rate.of_cases
    if gap <= 0 or not rate.labels or not (rate.of_labels or rate.of_cases):
        return settle_absolute(gate, evidence, rate.estimate, threshold)
    allowed = error_for(gap, confidence=_one_sided(rate.estimate), power=POWER) ** 2
    greater, lesser = (rate.of_labels, rate.of_cases) if by_labels else (rate.of_cases, rate.of_labels)
    run = evidence.candidate[gate.suite]
    times = greater / (allowed - lesser) if lesser < allowed else 0.0
    left = inf if rate.estimate.method.startswith("rogan_gladen") else len(run.answers) - rate.labels
    if times and (not by_labels or rate.labels * (times - 1) <= left):
        more_labels, more_cases = (times, 1.0) if by_labels else (1.0, times)
    else:
        more_labels = more_cases = (greater + lesser) / allowed
    labels = max(1, ceil(rate.labels * (more_labels - 1))) if more_labels > 1 else 0
    cases = max(1, ceil(rate.estimate.n_clusters * (more_cases - 1))) if more_cases > 1 else 0
    if not labels and not cases:  # the interval is skew, and a little wider than its variance says
        labels, cases = (1, 0) if by_labels else (0, 1)
    if max(labels, cases) > MOST_CASES:
        return Settle(f"more than {MOST_CASES:,} further labels or cases: rather think over the number in the policy")
    hours, usd = price(run, cases * run.repeats) if cases else (None, None)
    label_hours, label_usd = price_of_labels(evidence, labels)
    spent = _of_people(label_hours, label_usd)
    parts = [f"{labels:,} more labels of answers that {gate.metric} judged{spent}" if labels else ""]
    parts.append(f"{cases:,} more independent cases{_spent(hours, usd, 1)}" if cases else "")
    words = f"about {' and '.join(part for part in parts if part)} would settle it 4 times in 5, if the rate stays as it is"
    if labels and not cases and has_look_left:
        words += "; at so many labels, and no fewer, the second look is made that the policy plans"
    elif labels and not cases:
        words += "; the look at this golden version is made, so label as many of the next one, or have two looks planned for it"
    return Settle(words, cases=cases, labels=labels, hours=hours, usd=usd, label_hours=label_hours, label_usd=label_usd)


def settle_labels(evidence: Evidence, words: str, labels: int) -> Settle:
    """For a gate that lacks labels before anything can be said: what to do, so many labels, and what they take."""
    hours, usd = price_of_labels(evidence, labels)
    return Settle(words + _of_people(hours, usd), labels=labels, label_hours=hours, label_usd=usd)


def _more_cases(gate: Gate, evidence: Evidence, more: int, likely: str, sides: int, *, is_sure: bool = False) -> Settle:
    run = evidence.candidate[gate.suite]
    more = max(1, more)
    if more > MOST_CASES:
        return Settle(f"more than {MOST_CASES:,} further cases: rather think over the number in the policy")
    hours, usd = price(run, more * run.repeats * sides)
    often = "" if is_sure else " 4 times in 5"
    words = f"about {more:,} more independent cases would settle it{often}, {likely}{_spent(hours, usd, sides)}"
    return Settle(words, cases=more, hours=hours, usd=usd)


def settle_repeats(gate: Gate, evidence: Evidence) -> Settle:
    """For a `flakiness` without its verdicts: the runs that are missing, and no more, for later ones do not count."""
    run = evidence.candidate[gate.suite]
    alone = tuple(range(1, ceil(gate.verdicts / run.repeats)))
    numbers = run.repeats_missing.get(gate.metric or "", alone) or (1,)
    hours, usd = price(run, len(run.clusters) * run.repeats * len(numbers))
    repeats = f" --repeats {run.repeats}" if run.repeats > 1 else ""
    again = f"--again {numbers[0]}" + (f", then {', '.join(map(str, numbers[1:]))}" if numbers[1:] else "")
    words = (
        f"{len(numbers)} more run{'s' if numbers[1:] else ''} of the same: goldworks eval run --use-case {evidence.use_case} "
        f"--suite {gate.suite} --release {evidence.release}{repeats} {again}{_spent(hours, usd, 1)}"
    )
    return Settle(words, repeats=run.repeats * len(numbers), hours=hours, usd=usd)


def settle_flakiness(gate: Gate, evidence: Evidence, rate: Estimate, threshold: float) -> Settle:
    """For an open `flakiness` that has its verdicts: cases, each with as many."""
    found = settle_absolute(gate.model_copy(update={"kind": "at_most"}), evidence, rate, threshold)
    often = f"each answered {gate.verdicts} times"
    if found is None:
        return Settle(f"more cases, {often}")
    return replace(found, words=f"{found.words}; {often}") if found.cases else found


def price(run: SuiteRun, answers: int) -> tuple[float | None, float | None]:
    """(hours, dollars) of so many answers, by the wall time and the cost per answer of the run; None where they are not known."""
    got = len(run.answers)
    hours = run.seconds / got * answers / 3600 if run.seconds is not None and got and not run.is_fixed else None
    costs = measured(run, "cost_usd")
    usd = sum(costs.values()) / len(costs) * answers if costs else None
    return hours, usd


def price_of_labels(evidence: Evidence, labels: int) -> tuple[float | None, float | None]:
    """(hours, dollars) of reviewers, by the review policy; None where nothing is to be labelled or it names no wage."""
    if not labels or evidence.labelling is None:
        return None, None
    hours = labels * evidence.labelling.minutes / 60
    wage = evidence.labelling.usd_per_hour
    return hours, None if wage is None else hours * wage


def _of_people(hours: float | None, usd: float | None) -> str:
    if hours is None:
        return ""
    took = f"{hours:,.1f} hours" if hours >= 0.95 else _minutes(hours)
    return f" ({took} of reviewers{f', ${usd:,.0f}' if usd is not None else ''})"


def _one_sided(estimate: Estimate) -> float:
    """Confidence of one end of its interval."""
    return (1 + estimate.confidence) / 2


def _spent(hours: float | None, usd: float | None, sides: int) -> str:
    parts: list[str] = []
    if hours is not None:
        parts.append(f"{hours:.1f} hours" if hours >= 0.95 else _minutes(hours))
    if usd is not None:
        parts.append(f"${usd:,.2f}")
    both = " for both releases" if sides == 2 else ""
    return f" ({' and '.join(parts)} of asking{both})" if parts else ""


def _minutes(hours: float) -> str:
    minutes = max(1, ceil(hours * 60))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
