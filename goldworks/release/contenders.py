"""What is compared when choosing: runs as plain values by case, and over which cases they are held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from goldworks.errors import InputError
from goldworks.statistics import Estimate

Measure = Literal["quality", "latency", "cost"]
Number = Literal["latency", "cost"]
NUMBERS: tuple[Number, ...] = ("latency", "cost")


@dataclass(frozen=True, slots=True)
class Contender:
    """One run to choose from; `name` is unique among those compared.

    `clusters`: of each case that it answered. `values`: metric -> case -> mean over repeats (None: missing; cases the metric is
    not for are absent). `latency_ms`, `cost_usd`: by case, of those that have it. `is_recorded`: its answers come from the logs.
    `opinions`: metrics that rest on a judge or a proxy; `advisory`: those of them that no valid certificate confirms.
    `quarantined`: cases by metric that are not counted, and so absent. `aggregates`: figures over all cases of the comparison
    together. `facts`: what else is shown of the run.
    """

    name: str
    run_id: str
    clusters: Mapping[str, str]
    values: Mapping[str, Mapping[str, float | None]]
    latency_ms: Mapping[str, float] = field(default_factory=dict[str, float])
    cost_usd: Mapping[str, float] = field(default_factory=dict[str, float])
    is_recorded: bool = False
    opinions: frozenset[str] = frozenset()
    advisory: frozenset[str] = frozenset()
    quarantined: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    aggregates: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def within(self, metric: str, cases: Sequence[str]) -> dict[str, float | None]:
        """Values of a metric over some cases, in their order."""
        found = self.values.get(metric, {})
        return {case: found[case] for case in cases if case in found}


@dataclass(frozen=True, slots=True)
class Together:
    """The contenders over `cases`, those that all of them answered, sorted."""

    contenders: tuple[Contender, ...]
    cases: tuple[str, ...]
    numbers: Mapping[str, Mapping[Number, Mapping[str, float]]]

    @property
    def metrics(self) -> list[str]:
        """Metrics that every contender has over the cases, in the order of the first."""
        return [name for name in self.contenders[0].values if all(one.within(name, self.cases) for one in self.contenders)]

    @property
    def advisory(self) -> frozenset[str]:
        """Metrics that stand for what people would say, unconfirmed for at least one of them."""
        return frozenset[str]().union(*(one.advisory for one in self.contenders))

    def of_metric(self, metric: str) -> list[str]:
        """Cases for which every contender has an entry of the metric, be it missing."""
        return [case for case in self.cases if all(case in one.values.get(metric, {}) for one in self.contenders)]

    def of_number(self, number: Number) -> list[str]:
        """Cases for which every contender of which the number is known has it."""
        having = [known[number] for known in self.numbers.values() if known[number]]
        return [case for case in self.cases if having and all(case in known for known in having)]


def together(contenders: Sequence[Contender]) -> Together:
    """Put contenders side by side. A latency or cost that half of the common cases or more lack counts as unknown.

    Raises `InputError` for fewer than two, and when the common cases are fewer than two or not more than half of what each was
    asked: then the cases would differ more than what answered them.
    """
    if len(contenders) < 2:
        raise InputError(
            f"there is nothing to choose between: {len(contenders)} run", remedy="make a run of each: goldworks eval run"
        )
    common = sorted(set.intersection(*(set(one.clusters) for one in contenders)))
    most = max(len(one.clusters) for one in contenders)
    if len(common) < 2 or 2 * len(common) <= most:
        each = ", ".join(f"{one.name} {len(one.clusters)}" for one in contenders)
        raise InputError(
            f"the runs answered only {len(common)} cases in common (each by itself: {each})",
            remedy="leave out the one with the fewest, or ask all of them the same cases: live targets, not recorded answers",
        )
    numbers = {one.name: _known(one, common) for one in contenders}
    return Together(tuple(contenders), tuple(common), numbers)


def _known(one: Contender, cases: Sequence[str]) -> dict[Number, Mapping[str, float]]:
    found: dict[Number, Mapping[str, float]] = {}
    for number, values in zip(NUMBERS, (one.latency_ms, one.cost_usd), strict=True):
        here = {case: values[case] for case in cases if case in values}
        found[number] = here if 2 * len(here) > len(cases) else {}
    return found
