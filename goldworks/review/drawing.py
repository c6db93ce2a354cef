"""With which probability each item is drawn, and which are: by the rules, the budget of the day and the floor of the segment."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from goldworks.digests import digest
from goldworks.review.policy import ReviewPolicy
from goldworks.review.population import Item
from goldworks.statistics.hash_sampling import is_drawn, scaled_to, uniform

FLAGGED = frozenset({"judge_flagged", "low_confidence", "thumbs_down"})


@dataclass(frozen=True, slots=True)
class Chance:
    """An item with the probability that it is drawn, and the rules which gave it; `floor` among them where it did."""

    item: Item
    probability: float
    rules: tuple[str, ...]

    @property
    def stratum(self) -> str:
        """The rules that apply to the item by themselves: items of one stratum are alike to the sampling."""
        return "+".join(self.item.rules)


def chances(items: Sequence[Item], policy: ReviewPolicy) -> list[Chance]:
    """The probability of each item, in the order of `items`.

    The greatest of its rules; all of a day lowered alike when they exceed the budget; at least the floor over the size of its
    segment and week.
    """
    by_rule = policy.rules.model_dump()
    probability = {item.item_id: max(by_rule[rule] for rule in item.rules) for item in items}
    days: dict[object, list[Item]] = {}
    for item in items:
        days.setdefault(item.occurred_on, []).append(item)
    for of_day in days.values():
        scaled = scaled_to([probability[item.item_id] for item in of_day], policy.budget_per_day)
        probability.update(zip((item.item_id for item in of_day), scaled, strict=True))
    sizes = Counter(_segment(item) for item in items)
    found: list[Chance] = []
    for item in items:
        least = min(1.0, policy.floor.items / sizes[_segment(item)])
        by_rules = probability[item.item_id]
        rules = (*item.rules, "floor") if least > by_rules else item.rules
        found.append(Chance(item, max(least, by_rules), tuple(sorted(rules))))
    return found


def drawn(found: Iterable[Chance], policy: ReviewPolicy) -> list[Chance]:
    """Those that are drawn."""
    return [one for one in found if is_drawn(salt_of(policy, one.item.period), one.item.item_id, one.probability)]


def salt_of(policy: ReviewPolicy, period: str) -> str:
    """The salt of a week: with one for all time the same items would be favoured in each."""
    return f"{policy.salt}|{period}"


def overlap(one: Chance, policy: ReviewPolicy) -> tuple[float, bool]:
    """(probability that several reviewers get the item, whether they do): a hash of its own, so independent of the drawing."""
    share = policy.overlap.flagged_share if FLAGGED & set(one.item.rules) else policy.overlap.share
    return share, is_drawn(f"{salt_of(policy, one.item.period)}|overlap", one.item.item_id, share)


def assigned(task_id: str, raters: Iterable[str], wanted: int) -> tuple[str, ...]:
    """Who gets a task, sorted: the raters with the smallest hashes, so that one who joins or leaves moves few tasks (Thaler and
    Ravishankar 1998).
    """
    ranked = sorted(raters, key=lambda rater: (uniform(task_id, rater), rater))
    return tuple(sorted(ranked[: max(0, math.floor(wanted))]))


def task_id_of(kind: str, item_id: str, rubric: str, version: int) -> str:
    """Id of a task: of the same item, rubric and version it is the same."""
    return f"task-{digest([kind, item_id, rubric, version])[:16]}"


def _segment(item: Item) -> tuple[str, str | None, str]:
    return item.use_case, item.segment, item.period
