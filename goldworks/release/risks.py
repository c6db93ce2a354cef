"""Quality risks, ranked, and whether a suite that ran would notice them. YAML in `expectations/risks.yml`."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from goldworks.errors import PolicyError
from goldworks.evaluation.releases import require_files
from goldworks.evaluation.suites import load_suite
from goldworks.policies import Policy, load_policy
from goldworks.release.gate_policy import GatePolicy
from goldworks.use_cases import Words

Degree = Annotated[int, Field(ge=1, le=5)]
Cover = Literal["gated", "measured", "not_run", "no_suite"]


class Risk(Policy):
    """One risk; see the comments of the file."""

    risk: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Words
    use_cases: tuple[str, ...] = Field(min_length=1)
    impact: Degree
    exposure: Degree
    changes: Degree
    suites: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    owner: Words

    @property
    def rank(self) -> int:
        """impact x exposure x change frequency, 1..125."""
        return self.impact * self.exposure * self.changes

    def concerns(self, use_case: str) -> bool:
        """Whether it is a risk of the use case."""
        return any(fnmatch.fnmatchcase(use_case, glob) for glob in self.use_cases)


class Risks(Policy):
    """`expectations/risks.yml`."""

    version: int = Field(ge=1)
    risks: tuple[Risk, ...] = ()

    @model_validator(mode="after")
    def _has_each_once(self) -> Risks:
        names = [one.risk for one in self.risks]
        for index, one in enumerate(self.risks):
            if one.risk in names[:index]:
                raise ValueError(f"risks.{index}.risk: {one.risk!r} stands twice")
            if one.metrics and not one.suites:
                raise ValueError(f"risks.{index}.metrics: name the suites that have them")
        return self


@dataclass(frozen=True, slots=True)
class CoveredRisk:
    """A risk of a use case. `cover`: gated (a gate looks at one of its metrics), measured (a suite ran that no gate looks at),
    not_run (a suite would notice, and did not run), no_suite.
    """

    risk: Risk
    cover: Cover
    words: str


def load_risks(expectations: Path) -> Risks:
    """The risks below `expectations`; none when there is no file. Raises `PolicyError`, also for an absent suite or metric."""
    path = expectations / "risks.yml"
    if not path.exists():
        return Risks(version=1)
    risks = load_policy(path, Risks)
    for index, one in enumerate(risks.risks):
        require_files(f"{path}: risks.{index}.suites", expectations / "suites", one.suites)
        known = {
            metric.metric
            for name in one.suites
            for suite in [load_suite(expectations / "suites" / f"{name}.yml")]
            for metric in (*suite.metrics, *suite.aggregates)
        }
        absent = [name for name in one.metrics if name not in known]
        if absent:
            raise PolicyError(
                f"{path}: risks.{index}.metrics: no metric {absent[0]!r} in {', '.join(one.suites)}",
                remedy=f"one of: {', '.join(sorted(known))}",
            )
    return risks


def covered(risks: Risks, use_case: str, ran: Collection[str], policy: GatePolicy) -> list[CoveredRisk]:
    """The risks of a use case, the highest first, with whether a suite of those that `ran` for the release notices them."""
    mine = sorted((one for one in risks.risks if one.concerns(use_case)), key=lambda one: (-one.rank, one.risk))
    return [CoveredRisk(one, *_cover(one, ran, policy)) for one in mine]


def _cover(risk: Risk, ran: Collection[str], policy: GatePolicy) -> tuple[Cover, str]:
    if not risk.suites:
        return "no_suite", "no suite looks at it"
    here = [name for name in risk.suites if name in ran]
    if not here:
        return "not_run", f"{', '.join(risk.suites)} would notice, and did not run for this release"
    gates = [g.gate for g in policy.gates if g.suite in here and g.metric and (not risk.metrics or g.metric in risk.metrics)]
    if gates:
        return "gated", f"gated by {', '.join(gates)}"
    return "measured", f"measured by {', '.join(here)}, and no gate looks at it"


def open_risks(found: Sequence[CoveredRisk]) -> list[str]:
    """Risks that nothing would notice, in sentences, the highest first."""
    return [
        f"risk {one.risk.risk} (rank {one.risk.rank} of 125: impact x exposure x changes; {one.risk.owner}): {one.words}"
        for one in found
        if one.cover in ("no_suite", "not_run")
    ]
