"""A choice in words and figures, the same on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from goldworks.release.choosing import CLAIM_LEVEL, Choice, Claim, Measure, Standing
from goldworks.release.pareto import Place
from goldworks.statistics import Estimate

MEASURES: tuple[Measure, ...] = ("quality", "latency", "cost")
BETTER: dict[Measure, str] = {"quality": "better", "latency": "faster", "cost": "cheaper"}
NOT_TESTED = {
    "recorded_and_live": "not tested: the log's against a live one",
    "unknown": "unknown",
    "advisory": "not tested: advice, for people have not confirmed it",
    "n_too_small": "too few cases to test",
    "n_zero": "no case to test",
}


def milliseconds(found: Estimate) -> str:
    """`940 ms [920, 961]`, or why there is none."""
    return _figures(found, plain_milliseconds, " ms")


def plain_milliseconds(value: float) -> str:
    """Whole ones, and below ten two digits that count."""
    return f"{value:,.0f}" if abs(value) >= 10 or value == 0 else f"{value:.2g}"


def dollars(found: Estimate) -> str:
    """USD for 1,000 answers: `$1.04 [0.98, 1.10]`, or why there is none."""
    return _figures(found, lambda value: plain_dollars(1000 * value), "", "$")


def plain_dollars(value: float) -> str:
    """Cents, and of small amounts three digits that count."""
    return f"{value:,.2f}" if abs(value) >= 1 or value == 0 else f"{value:.3g}"


def _figures(found: Estimate, figure: Callable[[float], str], unit: str, before: str = "") -> str:
    if found.value is None:
        return "unknown"
    if found.low is None and found.high is None:
        return f"{before}{figure(found.value)}{unit} (no interval)"
    ends = ", ".join("?" if end is None else figure(end) for end in (found.low, found.high))
    return f"{before}{figure(found.value)}{unit} [{ends}]"


def difference(claim: Claim) -> str:
    """Second minus first with its interval and unit, signed; empty when there is none."""
    found = claim.difference
    if found.value is None:
        return ""
    digits: dict[Measure, Callable[[float], str]] = {
        "quality": lambda value: f"{value:+.3f}",
        "latency": lambda value: ("-" if value < 0 else "+") + plain_milliseconds(abs(value)),
        "cost": lambda value: ("-" if value < 0 else "+") + plain_dollars(abs(1000 * value)),
    }
    figure, unit = digits[claim.measure], {"quality": "", "latency": " ms", "cost": " $"}[claim.measure]
    if found.low is None or found.high is None:
        return f"{figure(found.value)}{unit}"
    return f"{figure(found.value)}{unit} [{figure(found.low)}, {figure(found.high)}]"


def letters(choice: Choice) -> dict[str, str]:
    """A letter for each contender, in their order (A to Z, then A2 ...): names may be long."""
    return {one.name: f"{chr(65 + at % 26)}{at // 26 + 1 if at > 25 else ''}" for at, one in enumerate(choice.standings)}


def verdict(claim: Claim, called: Mapping[str, str]) -> str:
    """`B is shown better (p 0.003)`, `not shown different (p 0.41)`, or why it was not tested. `called`: what names stand as."""
    if claim.p_adjusted is None:
        return NOT_TESTED.get(claim.difference.reason or "", "not tested")
    p = f"p {claim.p_adjusted:.2g}" if claim.p_adjusted >= 0.001 else "p < 0.001"
    return f"{called[claim.better]} is shown {BETTER[claim.measure]} ({p})" if claim.better else f"not shown different ({p})"


def standing(choice: Choice, one: Standing) -> str:
    """Who is shown worse and better than this one in the main metric, and from whom it is not shown different."""
    if choice.is_advice:
        return "nothing is claimed"
    mine = [claim for claim in choice.of("quality") if one.name in (claim.first, claim.second)]
    others = [(claim.second if claim.first == one.name else claim.first, claim.better) for claim in mine]
    parts = [
        ("shown better than", [other for other, better in others if better == one.name]),
        ("shown worse than", [other for other, better in others if better == other]),
        ("not shown different from", [other for other, better in others if better is None]),
    ]
    return "; ".join(f"{said} {_listed(names)}" for said, names in parts if names)


def place(choice: Choice, one: Standing, called: Mapping[str, str]) -> str:
    """On the front, or who beats it and what of that is shown."""
    if one.place.is_on_front:
        return "on the front" + (", only because a measure is unknown" if one.place.is_provisional else "")
    return "beaten by " + "; ".join(f"{called[other]} ({_shown(choice, other, one.name)})" for other in one.place.beaten_by)


def _shown(choice: Choice, winner: str, loser: str) -> str:
    shown = [BETTER[claim.measure] for claim in choice.claims if claim.better == winner and loser in (claim.first, claim.second)]
    return f"shown {' and '.join(shown)}" if shown else "nothing of it is shown"


def headline(choice: Choice) -> str:
    """Whom one may choose, and who is shown best."""
    names = [one.name for one in choice.standings]
    ahead = [one.name for one in choice.standings if one.place.is_on_front]
    wins = {name: sum(claim.better == name for claim in choice.of("quality")) for name in names}
    best = next((name for name, won in wins.items() if won == len(names) - 1), None)
    if choice.is_advice:
        return f"Nobody is called better: {choice.metric} is advice, not confirmed by people. {_front_without(choice, ahead)}"
    if best is None:
        said = f"{'Neither' if len(names) == 2 else 'None'} is shown better than {'the' if len(names) == 2 else 'every'} other"
    else:
        said = f"{best} is shown better than {next(n for n in names if n != best) if len(names) == 2 else 'every other'}"
    if len(ahead) > 1:
        counts = "Between these it is a matter of what counts; whether one is good enough at all, the gates say."
        return f"{said} in {choice.metric}. On the front: {_listed(ahead)}. {counts}"
    known = ["better", *(["faster"] if _is_known(choice, "latency") else []), *(["cheaper"] if _is_known(choice, "cost") else [])]
    return f"{said} in {choice.metric}. {ahead[0]} alone is on the front: none is {' or '.join(known)}."


def _front_without(choice: Choice, ahead: Sequence[str]) -> str:
    """The front of an advisory metric, which is without it."""
    left = [name for name in MEASURES if name != "quality" and _is_known(choice, name)]
    if not left:
        return "Neither latency nor cost is known, so there is no front."
    return f"On the front of {' and '.join(left)} alone: {_listed(ahead)}."


def _is_known(choice: Choice, measure: Measure) -> bool:
    return any((one.latency_ms if measure == "latency" else one.cost_usd).value is not None for one in choice.standings)


def method(choice: Choice) -> str:
    """How it was reached."""
    asking = "" if choice.metric_cases == choice.cases else f", {choice.metric_cases} of them with {choice.metric}"
    return (
        f"Over {choice.cases} cases that all answered{asking}. Intervals are of 95 %. Each pair is tested case by case; the "
        f"p are adjusted (Holm) over all {choice.tested} tests together, so that the chance of any wrong claim is at most "
        f"{CLAIM_LEVEL:.0%}. The front goes by the values as measured: what is not shown may be chance."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def mark(one: Place) -> str:
    """One word for a table."""
    return ("front?" if one.is_provisional else "front") if one.is_on_front else "beaten"
