"""`goldworks plan`: how many cases, repeats or labels a question takes, before anything is run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pipelines.as_json import AsJson
from pipelines.plan_views import percent, points, price_of_labels, say, spent, times, truth

app = typer.Typer(
    no_args_is_help=True,
    help="How many cases, repeats or labels a question takes, before anything is run.\n\n"
    "Rates and shares are in 0..1: 0.03 is 3 percentage points. A case is an independent one: of cases that share a "
    "conversation, a document or an attack template count the conversations, documents or templates. Claims hold 95 times in 100 "
    "and are reached 80 times in 100 when the truth is as assumed; --confidence and --power change that.",
)

Confidence = Annotated[float, typer.Option(min=0.5, max=0.9999, help="How sure a claim must be.")]
Power = Annotated[float, typer.Option(min=0.05, max=0.9999, help="Chance to show what is true.")]
Minutes = Annotated[
    float | None, typer.Option(min=0.0, help="Minutes a reviewer needs for one label; when not given, policies/review.yml says.")
]
Hourly = Annotated[
    float | None, typer.Option(min=0.0, help="Dollars for an hour of a reviewer; when not given, policies/review.yml says.")
]
Changes = Annotated[
    float, typer.Option(min=0.0001, max=1.0, help="Share of cases whose verdict differs between the two releases.")
]


@app.command()
def margin(
    margin: Annotated[float, typer.Argument(min=0.0001, max=0.9999, help="How much worse is still accepted (0.03).")],
    changes: Changes = 0.1,
    truly: Annotated[float, typer.Option(help="True difference, candidate minus baseline; below 0 is worse.")] = 0.0,
    cases: Annotated[int | None, typer.Option(min=1, help="Cases you have: say what margin they reach.")] = None,
    confidence: Confidence = 0.95,
    power: Power = 0.8,
    as_json: AsJson = False,
) -> None:
    """Cases to show that a new release is not worse than its baseline by a margin, on the same cases.

    The share of cases that change their verdict matters most: two releases that answer alike need few cases. Look it up in
    `goldworks eval compare`, or take 0.1.

    Example: goldworks plan margin 0.03 --changes 0.1 --cases 300
    """
    from goldworks.statistics.power import cases_for_margin, reachable_margin

    needed = _size(cases_for_margin, changes, margin, true_difference=truly, confidence=confidence, power=power)
    reached = None if cases is None else reachable_margin(changes, cases, confidence=confidence, power=power)
    words = [
        f"{needed:,} cases show that a release is not worse by {points(margin)}, {times(power)}, if it {truth(truly)} and "
        f"{changes:.0%} of the verdicts change."
    ]
    if reached is not None and cases is not None:
        verdict = "enough" if cases >= needed else f"{needed - cases:,} short"
        words.append(f"Your {cases:,} cases are {verdict}: when nothing changed they show a margin of {points(reached)}.")
    say({"cases": needed, "reachable_margin": reached}, words, as_json)


@app.command()
def improvement(
    difference: Annotated[float, typer.Argument(min=0.0001, max=0.9999, help="True gain that is to be shown (0.05).")],
    changes: Changes = 0.1,
    confidence: Confidence = 0.95,
    power: Power = 0.8,
    as_json: AsJson = False,
) -> None:
    """Cases to show that a new release is better than its baseline, on the same cases.

    Example: goldworks plan improvement 0.05 --changes 0.2
    """
    from goldworks.statistics.power import cases_for_difference

    needed = _size(cases_for_difference, changes, difference, confidence=confidence, power=power)
    words = [f"{needed:,} cases show a gain of {points(difference)}, {times(power)}, if {changes:.0%} of the verdicts change."]
    say({"cases": needed}, words, as_json)


@app.command()
def reduction(
    base: Annotated[float, typer.Argument(min=0.0001, max=0.9999, help="Rate now (0.10).")],
    truly: Annotated[float, typer.Option(min=0.0001, max=0.9999, help="True relative reduction (0.30 is 30 % fewer).")],
    claim: Annotated[float, typer.Option(min=0.0, max=0.9999, help="Reduction to be shown; 0 is any.")] = 0.0,
    confidence: Confidence = 0.95,
    power: Power = 0.8,
    as_json: AsJson = False,
) -> None:
    """Conversations in each of two windows to show that a rate fell by so many percent.

    Example: goldworks plan reduction 0.10 --truly 0.30 --claim 0.20
    """
    from goldworks.statistics.rate_ratio import cases_for_reduction

    needed = _size(cases_for_reduction, base, truly, claim, confidence=confidence, power=power)
    what = f"more than {claim:.0%}" if claim else "at all"
    words = [
        f"{needed:,} conversations in each window show that a rate of {percent(base)} fell {what}, {times(power)}, if it truly "
        f"fell by {truly:.0%}."
    ]
    say({"cases_per_window": needed}, words, as_json)


@app.command()
def rate(
    limit: Annotated[float, typer.Argument(min=0.0, max=1.0, help="Rate to be proved: the failures allowed (0.01).")],
    truly: Annotated[float | None, typer.Option(min=0.0, max=1.0, help="Rate you expect; makes a plan it passes.")] = None,
    at_least: Annotated[bool, typer.Option("--at-least", help="The limit is of successes: prove more than it.")] = False,
    confidence: Confidence = 0.95,
    power: Power = 0.8,
    as_json: AsJson = False,
) -> None:
    """Cases to prove a rate, and how many failures they may have: an acceptance plan with exact bounds.

    A plan that allows no failure is the smallest, and a good system often fails it by one unlucky case.

    Examples: goldworks plan rate 0.001 --truly 0.0002, goldworks plan rate 0.95 --at-least --truly 0.98
    """
    from goldworks.statistics.acceptance import acceptance_plan, cases_to_prove, chance_to_pass

    failing = 1 - limit if at_least else limit
    expected = None if truly is None else 1 - truly if at_least else truly
    claim = f"more than {percent(limit)} succeed" if at_least else f"fewer than {percent(limit)} fail"
    least = _size(cases_to_prove, failing, 0, confidence=confidence)
    found: dict[str, Any] = {"cases_without_failure": least}
    words = [f"{least:,} cases without a failure prove that {claim}."]
    if truly is not None and expected is not None:
        plan = _size(acceptance_plan, failing, expected, confidence=confidence, power=power)
        chance = chance_to_pass(least, 0, expected)
        found |= {"cases": plan.cases, "failures": plan.failures, "power": plan.power, "power_without_failure": chance}
        words[0] = f"{words[0][:-1]}; if the rate truly is {percent(truly)} that happens {chance:.0%} of the time."
        allowed = "no failure" if plan.failures == 0 else f"at most {plan.failures} failures"
        words.append(f"{plan.cases:,} cases with {allowed} prove it too, and such a system passes {plan.power:.0%} of the time.")
    say(found, words, as_json)


@app.command()
def estimate(
    rate: Annotated[float, typer.Argument(min=0.0001, max=0.9999, help="Rate you expect (0.9).")],
    within: Annotated[float, typer.Option(min=0.0001, max=0.5, help="Half width of the interval (0.03).")],
    of: Annotated[int | None, typer.Option(min=1, help="Items in all, when they are few.")] = None,
    confidence: Confidence = 0.95,
    minutes: Minutes = None,
    hourly: Hourly = None,
    as_json: AsJson = False,
) -> None:
    """Labels to know a rate within so much, from items drawn evenly.

    Example: goldworks plan estimate 0.9 --within 0.03 --of 1000
    """
    from goldworks.statistics.sampling import cases_for_half_width

    needed = _size(cases_for_half_width, rate, within, population=of, confidence=confidence)
    words = [f"{needed:,} labels tell a rate of {percent(rate)} within {points(within)}{spent(needed, minutes, hourly)}."]
    say({"labels": needed, **price_of_labels(needed, minutes, hourly)}, words, as_json)


@app.command()
def kappa(
    kappa: Annotated[float, typer.Argument(min=0.0, max=0.9999, help="Kappa you expect (0.6).")],
    within: Annotated[float, typer.Option(min=0.0001, max=1.0, help="Half width of the interval.")] = 0.1,
    positives: Annotated[float, typer.Option(min=0.0001, max=0.9999, help="Share of items that are positive.")] = 0.5,
    confidence: Confidence = 0.95,
    minutes: Minutes = None,
    hourly: Hourly = None,
    as_json: AsJson = False,
) -> None:
    """Items that two reviewers must both label to know how far they agree.

    A rare label makes it dear. Enrich these items with such as a judge flags, to 30 to 50 % positives, and report that share.

    Example: goldworks plan kappa 0.6 --positives 0.2 --within 0.1
    """
    from goldworks.statistics.kappa import overlap_size

    needed = _size(overlap_size, kappa, positives, within, confidence=confidence)
    found: dict[str, Any] = {"items": needed, "labels": 2 * needed, **price_of_labels(2 * needed, minutes, hourly)}
    words = [
        f"{needed:,} items labelled by both tell a kappa of {kappa:g} within {within:g}, if {positives:.0%} are positive"
        f"{spent(2 * needed, minutes, hourly)}."
    ]
    if positives < 0.3 or positives > 0.7:
        even = overlap_size(kappa, 0.4, within, confidence=confidence)
        found["items_if_enriched"] = even
        words.append(f"Enriched to 40 % positives, {even:,} would do.")
    say(found, words, as_json)


@app.command()
def judge(
    sensitivity: Annotated[float, typer.Option(min=0.01, max=1.0, help="Share of positives you expect it to catch.")] = 0.9,
    specificity: Annotated[float, typer.Option(min=0.01, max=1.0, help="Share of negatives you expect it to pass.")] = 0.9,
    positives: Annotated[float, typer.Option(min=0.0001, max=0.9999, help="Share of positives among the labels.")] = 0.3,
    tier: Annotated[str, typer.Option(help="Tier of the use case, whose limits are asked: T1, T2 or T3.")] = "T2",
    graded: Annotated[bool, typer.Option(help="It gives grades, not yes or no: half of the labels choose where to cut.")] = False,
    minutes: Minutes = None,
    hourly: Hourly = None,
    as_json: AsJson = False,
) -> None:
    """Labels until a judge or metric may decide about releases: a certificate against people.

    The limits are those of expectations/policies/calibration.yml. The size is where the bounds reach them on average.

    Example: goldworks plan judge --sensitivity 0.9 --specificity 0.9 --positives 0.3 --hourly 40
    """
    from goldworks.calibration.policy import load_calibration_policy
    from goldworks.settings import load_settings
    from goldworks.statistics.certificate_size import labels_for_certificate

    limits = load_calibration_policy(load_settings().expectations).limits.get(tier)  # type: ignore[call-overload]
    if limits is None:
        raise typer.BadParameter(f"no tier {tier!r}: T1, T2 or T3")
    found = labels_for_certificate(
        sensitivity,
        specificity,
        positives,
        least_labels=limits.least_labels,
        least_positives=limits.least_positives,
        least_negatives=limits.least_negatives,
        balanced_accuracy_low=limits.balanced_accuracy_low,
        kappa_low=limits.kappa_low,
        sensitivity_low=limits.sensitivity_low,
    )
    if found is None:
        asked = f"balanced accuracy {limits.balanced_accuracy_low:g} and kappa {limits.kappa_low:g}"
        asked += f", sensitivity {limits.sensitivity_low:g}" if limits.sensitivity_low is not None else ""
        words = [f"No number of labels certifies such a judge: {tier} asks for bounds of {asked}. It needs to be better."]
        say({"labels": None}, words, as_json)
        return
    labels, positives = ((2 if graded else 1) * one for one in (found.labels, found.positives))
    result = {"labels": labels, "positives": positives, "decided_by": found.decided_by}
    words = [
        f"{labels:,} labels, {positives:,} of them positive, for a certificate of {tier}"
        f"{spent(labels, minutes, hourly)}. The requirement on {found.decided_by} decides.",
        *(["Half of them choose where the grades are cut; the others are judged."] if graded else []),
        "Plan a quarter more: at this size the bounds are just met on average.",
    ]
    say({**result, **price_of_labels(labels, minutes, hourly)}, words, as_json)


@app.command()
def repeats(
    fails: Annotated[float, typer.Argument(min=0.001, max=0.999, help="Share of runs in which the case fails (0.1).")],
    chance: Annotated[float, typer.Option(min=0.05, max=0.9999, help="Chance to see it both pass and fail.")] = 0.95,
    as_json: AsJson = False,
) -> None:
    """Runs of the same case until an unstable one shows: at least one pass and one failure.

    Example: goldworks plan repeats 0.1
    """
    from goldworks.statistics.repeats import chance_to_see_flip, runs_to_see_flip

    needed = runs_to_see_flip(fails, chance)
    three, five = chance_to_see_flip(fails, 3), chance_to_see_flip(fails, 5)
    words = [
        f"{needed} runs show both verdicts of a case that fails {fails:.0%} of the time, {times(chance)}; 3 runs do "
        f"{three:.0%} of the time, 5 runs {five:.0%}.",
        "Pool the runs of identical configurations instead of repeating more at once: see `goldworks flaky`.",
    ]
    say({"runs": needed, "chance_of_3": three, "chance_of_5": five}, words, as_json)


def _size(formula: Any, *arguments: Any, **options: Any) -> Any:
    """What a formula of sizes says; what it refuses is wrong usage."""
    try:
        return formula(*arguments, **options)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
