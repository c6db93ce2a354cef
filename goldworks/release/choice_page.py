"""A choice as one HTML file without script that fetches nothing: the front, who is shown better, every metric. No texts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from goldworks.evaluation.report import in_words
from goldworks.release import choice_words as words
from goldworks.release.choice_plot import Plot, plot, span
from goldworks.release.choosing import Choice, Claim
from goldworks.release.contending import Field

TEMPLATE = Path(__file__).with_name("choice_page.html.j2")
BAR = 120
ROOM = 1.15
"""How far the bars of differences reach beyond the largest end."""


def choice_page(choice: Choice, field: Field) -> bytes:
    """The page, UTF-8."""
    letters = words.letters(choice)
    reach = ROOM * max(
        (abs(end) for claim in choice.of("quality") for end in (claim.difference.low, claim.difference.high) if end is not None),
        default=1.0,
    )
    pairs = [
        {
            "first": first.first,
            "second": first.second,
            "bar": span(first.difference, -reach, reach, BAR),
            "claims": [(claim, words.verdict(claim, letters), words.difference(claim)) for claim in (first, *others)],
        }
        for first, *others in _by_pair(choice)
    ]
    plots = _plots(choice, letters)
    page = _template().render(
        choice=choice, field=field, letters=letters, plots=plots, pairs=pairs, words=words, in_words=in_words, bar=BAR
    )
    return page.encode("utf-8")


def _by_pair(choice: Choice) -> list[tuple[Claim, ...]]:
    return list(zip(*(choice.of(measure) for measure in words.MEASURES), strict=True))


def _plots(choice: Choice, letters: Mapping[str, str]) -> list[Plot]:
    rows = [(one, letters[one.name], one.place.is_on_front, one.metrics[choice.metric]) for one in choice.standings]
    against_cost = plot(
        "Quality and cost",
        "USD per 1,000 answers (less is better)",
        choice.metric,
        [(letter, one.name, is_on_front, one.cost_usd, quality) for one, letter, is_on_front, quality in rows],
        unit=1000,
    )
    against_latency = plot(
        "Quality and latency",
        "mean latency in ms (less is better)",
        choice.metric,
        [(letter, one.name, is_on_front, one.latency_ms, quality) for one, letter, is_on_front, quality in rows],
    )
    return [one for one in (against_cost, against_latency) if one is not None]


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
