"""What `goldworks plan` says, in words."""

from __future__ import annotations

from typing import Any

import typer

from pipelines.as_json import print_json


def say(found: dict[str, Any], words: list[str], as_json: bool) -> None:
    """Print the words, or the figures with the words as JSON."""
    if as_json:
        print_json({**found, "words": " ".join(words)})
        return
    for line in words:
        typer.echo(line)


def points(share: float) -> str:
    """A difference of shares, in percentage points."""
    return f"{100 * share:.3g} points"


def percent(share: float) -> str:
    """A share, in percent."""
    return f"{100 * share:.4g} %"


def times(power: float) -> str:
    """A chance, as times in 100."""
    return f"{100 * power:.3g} times in 100"


def truth(difference: float) -> str:
    """What is assumed of the candidate, beside the baseline."""
    if difference == 0:
        return "is as good"
    return f"truly is {points(abs(difference))} {'better' if difference > 0 else 'worse'}"


def price_of_labels(labels: int, minutes: float | None, hourly: float | None) -> dict[str, float | None]:
    """Hours and dollars of so many labels, as given, else by the review policy."""
    each, wage = _labelling(minutes, hourly)
    hours = labels * each / 60
    return {"hours": hours, "cost_usd": None if wage is None else hours * wage}


def _labelling(minutes: float | None, hourly: float | None) -> tuple[float, float | None]:
    """(minutes of a label, dollars of an hour): as given, else of the review policy."""
    from goldworks.review.policy import load_review_policy
    from goldworks.settings import load_settings

    terms = load_review_policy(load_settings().expectations).labelling
    return terms.minutes if minutes is None else minutes, terms.usd_per_hour if hourly is None else hourly


def spent(labels: int, minutes: float | None, hourly: float | None) -> str:
    """The same in words, in brackets."""
    price = price_of_labels(labels, minutes, hourly)
    cost = "" if price["cost_usd"] is None else f", ${price['cost_usd']:,.0f}"
    return f" ({price['hours']:,.1f} hours of reviewers{cost})"
