"""Gate policies: which metrics decide about a release, and from which number on. YAML in `expectations/gates/`, one file per kind
of assistant; the tier of the use case picks the numbers.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from goldworks.approvals.policy import Family
from goldworks.digests import digest
from goldworks.errors import PolicyError
from goldworks.evaluation.releases import require_files
from goldworks.evaluation.suites import load_suite
from goldworks.policies import Policy, load_policy
from goldworks.use_cases import Tier, Words

Kind = Literal["at_least", "at_most", "not_worse", "ban", "coverage", "flakiness"]
Measure = Literal["latency_ms", "first_token_ms", "input_tokens", "output_tokens", "cost_usd"]
FAMILIES: tuple[Family, ...] = get_args(Family)
TIERS: tuple[Tier, ...] = get_args(Tier)
ABSOLUTE: tuple[Kind, ...] = ("at_least", "at_most")
LOOKING: tuple[Kind, ...] = (*ABSOLUTE, "not_worse", "flakiness")
"""Kinds of gates that are decided by an interval. A ban and a count are decided by what is there, however often one looks."""

ERROR = 0.05
"""The chance that a release passes a gate which it does not hold, over all looks at it."""

VERDICTS = 5
"""Verdicts per case that a flakiness gate rests on when it says nothing."""

MOST_RELATIVE = 8
"""Gates `not_worse` in one policy: each must hold by itself, so every further one costs power."""

Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]
NAME = r"^[a-z][a-z0-9_]*$"


class Gate(Policy):
    """One gate. `at` is a number for every tier, or one by tier; a tier that is not named has not this gate.

    - at_least, at_most: a metric's mean, or a measure of the answers (its mean, or the `quantile` named), against `at`. Shares of
      what passes have exact bounds.
    - not_worse: the paired difference to the baseline; `at` is the margin that a regression may have. For a measure: the share
      by which it may grow.
    - ban: `at` cases may miss; a single one more fails the release. `tags`: among cases with one of them.
    - coverage: of the `top` commonest intents of the use case, at least the share `at` has `least_cases` answered
      cases; else the gate is open.
    - flakiness: the chance that two runs of a case differ, at most `at`, over the first runs of the configuration that give each
      case `verdicts` verdicts: no number before, and none of later ones, so that repeats are one look.
    """

    gate: str = Field(pattern=NAME, description="its name, unique in the policy")
    family: Family
    kind: Kind
    suite: str = Field(pattern=NAME, description="a file in expectations/suites/")
    metric: str | None = Field(default=None, description="metric or aggregate of the suite")
    measure: Measure | None = Field(default=None, description="number of each answer")
    at: Number | dict[Tier, Number]
    quantile: float | None = Field(default=None, gt=0, lt=1, description="of a measure, instead of its mean")
    tags: tuple[str, ...] = ()
    top: int = Field(default=10, ge=1)
    least_cases: int = Field(default=1, ge=1)
    verdicts: int = Field(
        default=VERDICTS, ge=2, description="verdicts per case that flakiness rests on, planned before the first"
    )
    means: Words = Field(description="what it guards, in the words of a release manager")

    def threshold(self, tier: Tier) -> float | None:
        """Its number at a tier; None: the tier has not this gate."""
        return self.at.get(tier) if isinstance(self.at, dict) else self.at

    @property
    def of(self) -> str:
        """What it looks at: `suite/metric`, `suite/measure`, or `suite/intents`."""
        return f"{self.suite}/{self.metric or self.measure or 'intents'}"

    @model_validator(mode="after")
    def _check(self) -> Gate:
        wants_metric = self.kind in ("ban", "flakiness")
        if self.kind == "coverage":
            if self.metric is not None or self.measure is not None:
                raise ValueError("coverage looks at intents: leave out metric and measure")
        elif wants_metric and (self.metric is None or self.measure is not None):
            raise ValueError(f"{self.kind} needs metric, and no measure")
        elif (self.metric is None) == (self.measure is None):
            raise ValueError(f"{self.kind} needs metric or measure, one of them")
        if self.quantile is not None and (self.measure is None or self.kind not in ABSOLUTE):
            raise ValueError("quantile is for at_least and at_most of a measure")
        if self.verdicts != VERDICTS and self.kind != "flakiness":
            raise ValueError("verdicts is for flakiness; elsewhere the run's repeats say how often a case is asked")
        if self.tags and self.kind != "ban":
            raise ValueError("tags is for ban; elsewhere the suite's applies_to says which cases a metric is for")
        if self.measure is not None and self.family != "cost_latency":
            raise ValueError("a measure of answers is of the family cost_latency")
        numbers = list(self.at.values()) if isinstance(self.at, dict) else [self.at]
        if not numbers:
            raise ValueError("at: name at least one tier")
        if self.measure is None and self.kind != "ban" and max(numbers) > 1:
            raise ValueError("at: metrics, margins and shares lie in 0..1")
        if self.kind == "not_worse" and min(numbers) <= 0:
            raise ValueError("at: a margin of 0 can never be proved; name the regression that does not matter")
        if self.kind == "ban" and any(number != int(number) for number in numbers):
            raise ValueError("at: a ban counts cases")
        return self


class GatePolicy(Policy):
    """`expectations/gates/<name>.yml`. A release is judged by the policy that takes its use case and knows most of its suites.

    `without`: families that do not apply, each with its reason. Every other family needs a gate at each tier of `tiers`. `looks`:
    on how many different sets of runs, or of people's labels, the gates may be decided, planned before the first.
    """

    version: int = Field(ge=1)
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    description: Words
    use_cases: tuple[str, ...] = Field(min_length=1, description="globs")
    tiers: tuple[Tier, ...] = TIERS
    without: dict[Family, Words] = Field(default_factory=dict[Family, Words])
    looks: int = Field(default=1, ge=1, le=2, description="looks at a release that are planned; they share the 5 %")
    most_missing_rate: float = Field(default=0.02, ge=0, le=0.02, description="share of answers or scores that may be missing")
    gates: tuple[Gate, ...] = Field(min_length=1)

    @property
    def suites(self) -> tuple[str, ...]:
        """The suites it needs runs of, sorted."""
        return tuple(sorted({gate.suite for gate in self.gates}))

    @property
    def confidence(self) -> float:
        """Two-sided confidence of the gates' intervals: 0.90, each end a one-sided 95 % bound; of two looks 0.95, 2.5 % each."""
        return 1 - 2 * ERROR / self.looks

    @property
    def digest(self) -> str:
        """Digest of what it demands, 64 hex digits; approvals name it. One look and the usual verdicts per case are left out, so
        that it is what it was before these could be said.
        """
        whole = self.model_dump(mode="json")
        for gate in whole["gates"]:
            if gate["verdicts"] == VERDICTS:
                del gate["verdicts"]
        if self.looks == 1:
            del whole["looks"]
        return digest(whole)

    def at_tier(self, tier: Tier) -> list[Gate]:
        """The gates of a tier."""
        return [gate for gate in self.gates if gate.threshold(tier) is not None]

    def takes(self, use_case: str, tier: Tier, suites: Collection[str]) -> bool:
        """Whether a release of this use case, tier and suites is judged by it."""
        named = any(fnmatch.fnmatchcase(use_case, glob) for glob in self.use_cases)
        return named and tier in self.tiers and set(self.suites) <= set(suites)

    @model_validator(mode="after")
    def _check(self) -> GatePolicy:
        names = [gate.gate for gate in self.gates]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise ValueError(f"gates.{index}.gate: {name!r} stands twice")
        flaky: dict[str, Gate] = {}
        for index, gate in enumerate(self.gates):
            other = flaky.setdefault(gate.of, gate) if gate.kind == "flakiness" else gate
            if other.verdicts != gate.verdicts:
                raise ValueError(
                    f"gates.{index}.verdicts: {gate.gate!r} rests the flakiness of {gate.of} on {gate.verdicts} verdicts per "
                    f"case, {other.gate!r} on {other.verdicts}: it is one number, so give both the same `verdicts`"
                )
        for tier in self.tiers:
            gates = self.at_tier(tier)
            metrics = {gate.of for gate in gates if gate.kind not in ("coverage", "flakiness")}
            if len(metrics) < 2:
                raise ValueError(
                    f"tier {tier} has {len(metrics)} gated metric: one number alone is gamed or misses what it does not "
                    "measure; gate at least two, of several families"
                )
            absent = [family for family in FAMILIES if family not in self.without and not any(g.family == family for g in gates)]
            if absent:
                raise ValueError(
                    f"tier {tier} has no gate of the family {', '.join(absent)}; add one, or say under `without` why it does "
                    "not apply"
                )
            relative = [gate.gate for gate in gates if gate.kind == "not_worse"]
            if len(relative) > MOST_RELATIVE:
                raise ValueError(
                    f"tier {tier} has {len(relative)} gates not_worse, more than {MOST_RELATIVE}: all must hold, so good "
                    "releases would fail by chance; keep those that matter most"
                )
        both = sorted(set(self.without) & {gate.family for gate in self.gates})
        if both:
            raise ValueError(f"without.{both[0]}: the policy has gates of this family")
        return self


def load_gate_policies(expectations: Path) -> tuple[GatePolicy, ...]:
    """All gate policies, by file name. Raises `PolicyError` for a broken file, an absent suite, or a metric its suite has not."""
    found: list[GatePolicy] = []
    for path in sorted((expectations / "gates").glob("*.yml")):
        policy = load_policy(path, GatePolicy)
        if policy.name != path.stem:
            raise PolicyError(f"{path}: name: {policy.name!r}", remedy=f"name it as its file: {path.stem}")
        require_files(str(path), expectations / "suites", policy.suites)
        for suite_name in policy.suites:
            suite = load_suite(expectations / "suites" / f"{suite_name}.yml")
            known = [one.metric for one in (*suite.metrics, *suite.aggregates)]
            for index, gate in enumerate(policy.gates):
                if gate.suite == suite_name and gate.metric is not None and gate.metric not in known:
                    raise PolicyError(
                        f"{path}: gates.{index}.metric: suite {suite_name} has no metric {gate.metric!r}",
                        remedy=f"one of: {', '.join(known)}",
                    )
        found.append(policy)
    return tuple(found)


def choose_policy(policies: Sequence[GatePolicy], use_case: str, tier: Tier, suites: Collection[str]) -> GatePolicy:
    """The policy that judges: one that names the use case itself before one with a glob, then the one with the most suites.

    Raises `PolicyError` when there is none, or two are equally near.
    """
    near = sorted(
        (one for one in policies if one.takes(use_case, tier, suites)),
        key=lambda one: (use_case in one.use_cases, len(one.suites)),
        reverse=True,
    )
    if not near:
        raise PolicyError(
            f"no gate policy takes {use_case}, tier {tier}, with the suites {', '.join(sorted(suites)) or '(none)'}",
            remedy="write one in expectations/gates/, or give the release the suites that a policy there needs",
        )
    first = near[0]
    tied = [
        one
        for one in near[1:]
        if (use_case in one.use_cases, len(one.suites)) == (use_case in first.use_cases, len(first.suites))
    ]
    if tied:
        raise PolicyError(
            f"the gate policies {first.name} and {tied[0].name} both take {use_case}, tier {tier}",
            remedy="let one of them name the use case, or gate one more suite",
        )
    return first


def not_judging(
    policies: Sequence[GatePolicy], chosen: GatePolicy, use_case: str, tier: Tier, suites: Collection[str]
) -> list[str]:
    """In words, the policies that name the use case itself and do not judge it, for the release does not stand all their suites.

    Who leaves a suite out of a release would else be judged by fewer gates, and nobody would see it.
    """
    wanted = [one for one in policies if one.name != chosen.name and use_case in one.use_cases and tier in one.tiers]
    return [
        f"the gates {one.name} are for {use_case} and do not judge it, for the release has no suite {', '.join(absent)}: "
        f"{chosen.name} does"
        for one in wanted
        if (absent := sorted(set(one.suites) - set(suites)))
    ]
