"""Sentences about gates that a release manager understands. Numbers with their interval, never alone."""

from __future__ import annotations

from collections.abc import Sequence

from goldworks.release.gate_policy import Gate
from goldworks.release.people import Equivalent
from goldworks.release.rows import Hits, Look, RecordedHit
from goldworks.release.two_sides import Sides
from goldworks.release.verdict import Status
from goldworks.statistics import Estimate

SHOWN = 3
UNITS = {"latency_ms": " ms", "first_token_ms": " ms", "input_tokens": " tokens", "output_tokens": " tokens", "cost_usd": " USD"}


def share(value: float, *, sign: bool = False) -> str:
    """A share as a percentage, with as many digits as it needs: what is not all, or nothing, does not read as if it were."""
    percent = 100 * value if abs(value) >= 5e-6 else 0.0
    digits = 1 if abs(percent - round(percent)) > 0.049 else 0
    to_end = min(abs(percent), abs(100 - abs(percent)))
    if 0.0005 < to_end < 0.0995:
        digits = 2 if to_end >= 0.00995 else 3
    return f"{percent:+.{digits}f} %" if sign else f"{percent:.{digits}f} %"


def number(gate: Gate, value: float) -> str:
    """A value of the gate: a percentage, or a measure with its unit."""
    if gate.measure is None:
        return share(value)
    digits = 4 if gate.measure == "cost_usd" else 0 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{UNITS[gate.measure]}"


def absolute_words(gate: Gate, estimate: Estimate, threshold: float, status: Status) -> str:
    """Of a floor or a ceiling."""
    assert estimate.value is not None
    seen = number(gate, estimate.value)
    low = number(gate, estimate.low) if estimate.low is not None else "unknown"
    high = number(gate, estimate.high) if estimate.high is not None else "unknown"
    which = f"the {share(gate.quantile)} quantile is " if gate.quantile is not None else ""
    return f"{which}{seen} ({low} to {high}) over {_cases(estimate)}: {_limit_words(gate, threshold, status)}"


def _limit_words(gate: Gate, threshold: float, status: Status) -> str:
    limit = f"{'at least' if gate.kind == 'at_least' else 'at most'} {number(gate, threshold)}"
    return {
        "pass": f"{limit} is shown",
        "fail": f"{limit} is not met",
        "inconclusive": f"{limit} is neither shown nor ruled out",
    }[status]


def relative_words(
    gate: Gate, difference: Estimate, margin: float, reachable: float | None, status: Status, tags: Sequence[str]
) -> str:
    """Of a difference to the baseline."""
    assert difference.value is not None
    assert difference.low is not None
    assert difference.high is not None
    unit = "" if gate.measure is not None else " points"
    limit = _points(margin, unit)
    ends = " to ".join(_points(end, unit, sign=True) for end in (difference.low, difference.high))
    seen = f"{_points(difference.value, unit, sign=True)} ({ends}) over {_cases(difference)}"
    worse = "growth" if gate.measure is not None else "a loss"
    if "improvement" in tags:
        said = "better than the baseline"
    elif "regression_within_margin" in tags:
        said = f"worse than the baseline, yet by less than the {limit} that may be lost"
    else:
        said = {
            "pass": f"{worse} of {limit} or more is ruled out",
            "fail": f"it is worse by more than the {limit} that may be lost",
            "inconclusive": f"{worse} of {limit} is neither shown nor ruled out",
        }[status]
    can = f"; so many cases can rule out {_points(reachable, unit)}" if status == "inconclusive" and reachable else ""
    return f"{seen}: {said}{can}"


def people_words(gate: Gate, found: Equivalent, threshold: float, status: Status) -> str:
    """Of a floor or a ceiling on what people would say."""
    estimate = found.rate.estimate
    assert estimate.value is not None
    ends = " to ".join("unknown" if end is None else share(end) for end in (estimate.low, estimate.high))
    own = f"; {gate.metric} itself said {share(found.own)}" if found.own is not None else ""
    rest = f" ({estimate.note})" if estimate.method.startswith("rogan_gladen") and estimate.note else ""
    return (
        f"people would have called {share(estimate.value)} good ({ends}), by {found.rate.labels:,} labels and {_cases(estimate)}"
        f"{rest}{own}: {_limit_words(gate, threshold, status)}"
    )


def people_difference_words(gate: Gate, found: Equivalent, sides: Sides | None = None) -> str:
    """What stands after the words of a difference in the terms of people."""
    own = _points(found.own, " points", sign=True) if found.own is not None else "nothing"
    rests_on = sides.words if sides is not None else ""
    corrected = f"; that is in the terms of people, corrected for what {gate.metric} misses or wrongly flags"
    return f"{corrected}: it itself said {own}{rests_on}"


def ban_words(gate: Gate, hits: Sequence[str], cases: int, allowed: float) -> str:
    """Of a ban."""
    if not hits:
        return f"none of {cases} cases failed"
    return f"{len(hits)} of {cases} cases failed ({_few(hits)}): {_limit(allowed)}"


def further_ban_words(hits: Hits, allowed: float) -> str:
    """Of a ban that a further run of the release failed."""
    cases = f"{len(hits.case_ids)} case{'s' if len(hits.case_ids) > 1 else ''}"
    return f"{cases} failed in the further run {hits.run_id[:8]} ({_few(hits.case_ids)}): {_limit(allowed)}"


def recorded_ban_words(hit: RecordedHit, allowed: float) -> str:
    """Of a ban that an earlier judgment found failed, in answers that are there no more."""
    return (
        f"it failed in judgment {hit.judgment_id[:8]} of {hit.on}, by answers that are no longer here: {_limit(allowed)}, and "
        "what the release did then it did; a release of another name is judged anew"
    )


def _few(hits: Sequence[str]) -> str:
    return ", ".join(hits[:SHOWN]) + (", ..." if len(hits) > SHOWN else "")


def _limit(allowed: float) -> str:
    return "not one may" if not allowed else f"at most {allowed:.0f} may"


def looks_made(looks: Sequence[Look]) -> str:
    """Which looks were made when, and at what."""
    planned = "one look was" if len(looks) == 1 else f"{len(looks)} looks were"
    return f"{planned} planned, made " + " and ".join(
        f"on {one.on} at {', '.join(run[:8] for run in one.run_ids)}{f' with {one.labels:,} labels' if one.labels else ''}"
        for one in looks
    )


def coverage_words(gate: Gate, thin: Sequence[str], top: int, threshold: float) -> str:
    """Of coverage."""
    least = f"at least {gate.least_cases} answered case{'s' if gate.least_cases > 1 else ''}"
    if not thin:
        return f"each of the {top} commonest intents has {least}"
    named = ", ".join(thin[:SHOWN]) + (", ..." if len(thin) > SHOWN else "")
    return f"{top - len(thin)} of the {top} commonest intents have {least} ({share(threshold)} must); not {named}"


def _points(value: float, unit: str, *, sign: bool = False) -> str:
    """`+2.5 points`; without a unit `+2.5 %`."""
    if not unit:
        return share(value, sign=sign)
    shown = share(value, sign=sign).removesuffix(" %")
    return shown + (unit.removesuffix("s") if shown.lstrip("+-") == "1" else unit)


def _cases(estimate: Estimate) -> str:
    if estimate.n_clusters in (0, estimate.n):
        return f"{estimate.n} cases"
    return f"{estimate.n} cases of {estimate.n_clusters} conversations"
