"""`goldworks reduction` and `goldworks budget`: what counts of production show, against policies/production.yml."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.as_json import AsJson, print_json
from pipelines.exits import FAILED, INCONCLUSIVE, PASSED, broken_is_4

if TYPE_CHECKING:
    from goldworks.release.windows import ProductionPolicy, Reduction, Spent
    from goldworks.statistics.burn_rate import Window
    from goldworks.use_cases import Tier

EXITS = {"pass": PASSED, "fail": FAILED, "inconclusive": INCONCLUSIVE}
ACTIONS = {"go_on": PASSED, "only_fixes": FAILED, "review": INCONCLUSIVE}

UseCaseName = Annotated[str, typer.Option(help="Use case; its tier picks the number of policies/production.yml.")]


def reduction(
    use_case: UseCaseName,
    before: Annotated[str, typer.Option(metavar="BAD/ALL", help="First window: bad conversations of all that were looked at.")],
    after: Annotated[str, typer.Option(metavar="BAD/ALL", help="Second window.")],
    as_json: AsJson = False,
) -> None:
    """Say whether a rate in production, such as hallucination, fell by as much as the tier asks, from the counts of two windows.

    Conversations drawn at random in each window, and judged by people (or corrected to what people would say), count; `goldworks
    plan reduction` says how many that takes.

    Example: goldworks reduction --use-case shop --before 780/7800 --after 430/7800

    Exit code 0: it is shown; 1: it is ruled out; 2: wrong usage; 3: neither; 4: an error, nothing was judged.
    """
    first, second = _window(before), _window(after)
    with broken_is_4():
        from goldworks.release.windows import reduced

        policy, tier = _policy(use_case)
        found = reduced(first, second, policy.reduction[tier])
        if as_json:
            print_json({"words": _reduction_words(found, tier), **asdict(found)})
        else:
            typer.echo(_reduction_words(found, tier))
        raise typer.Exit(EXITS[found.status])


def budget(
    use_case: UseCaseName,
    bad: Annotated[str, typer.Option(metavar="BAD/ALL", help="The period so far: conversations that broke a rule, of all.")],
    conversations: Annotated[
        int | None, typer.Option(min=1, help="Conversations of the whole period (28 days); when not given, those so far.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how much of the error budget is spent, and what follows: go on, extra review, or only fixes are released.

    Example: goldworks budget --use-case shop --bad 9/3000 --conversations 28000

    Exit code 0: go on; 1: only fixes; 2: wrong usage; 3: extra review; 4: an error, nothing was judged.
    """
    so_far = _window(bad)
    if conversations is not None and conversations < so_far.total:
        raise typer.BadParameter(f"--conversations {conversations}: of the whole period, so at least the {so_far.total:,} so far")
    with broken_is_4():
        from goldworks.release.windows import spent

        policy, tier = _policy(use_case)
        found = spent(so_far, policy.most_bad_rate[tier], policy.review_at, conversations)
        words = _budget_words(found, so_far, policy.most_bad_rate[tier], tier)
        if as_json:
            print_json({"words": words, **asdict(found)})
        else:
            typer.echo(words)
        raise typer.Exit(ACTIONS[found.action])


def _window(text: str) -> Window:
    from goldworks.statistics.burn_rate import Window

    bad, slash, total = text.partition("/")
    if not (slash and bad.isdecimal() and total.isdecimal() and 0 <= int(bad) <= int(total) and int(total) > 0):
        raise typer.BadParameter(f"{text}: two counts such as 12/3000, the bad ones of all")
    return Window(int(bad), int(total))


def _policy(use_case: str) -> tuple[ProductionPolicy, Tier]:
    from goldworks.errors import PolicyError
    from goldworks.home import open_home
    from goldworks.release.windows import load_production_policy
    from goldworks.use_cases import load_use_cases

    expectations = open_home().settings.expectations
    policy, tier = load_production_policy(expectations), load_use_cases(expectations / "use_cases.yml").get(use_case).tier
    for name in ("reduction", "most_bad_rate"):
        if tier not in getattr(policy, name):
            raise PolicyError(f"policies/production.yml: {name}: has no {tier}, the tier of {use_case}", remedy="add its number")
    return policy, tier


def _reduction_words(found: Reduction, tier: Tier) -> str:
    ratio, limit = found.ratio, found.limit
    wanted = f"tier {tier} asks for at most {limit:g} times the rate before ({1 - limit:.0%} less)"
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return f"INCONCLUSIVE. There is nothing to compare; {wanted}."
    seen = f"The rate is {ratio.value:.2f} times what it was ({ratio.low:.2f} to {ratio.high:.2f}; each end one-sided 95 %)"
    if ratio.note:
        seen += f", {ratio.note}: a window without a bad one has no ratio of its own"
    said = {"pass": "that is shown", "fail": "that is ruled out", "inconclusive": "that is neither shown nor ruled out"}[
        found.status
    ]
    more = " More conversations would settle it: goldworks plan reduction." if found.status == "inconclusive" else ""
    return f"{found.status.upper()}. {seen}; {wanted}: {said}.{more}"


def _budget_words(found: Spent, so_far: Window, most_bad_rate: float, tier: Tier) -> str:
    said = {
        "go_on": "GO ON",
        "review": "EXTRA REVIEW of every release until the period ends",
        "only_fixes": "ONLY FIXES are released until the budget is kept again; an exception needs an owner and an expiry",
    }[found.action]
    return (
        f"{said}. {so_far.bad:,} of {so_far.total:,} conversations broke a rule; tier {tier} allows {most_bad_rate * 100:g} %, "
        f"{found.allowed:,.1f} in the period: {found.share:.0%} of the budget is spent. A system that is just on target has "
        f"as many {found.chance:.1%} of the time."
    )
