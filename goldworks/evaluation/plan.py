"""Which evaluation runs are wanted: for each use case its newest golden version, its suite, its target, its releases."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from goldworks.golden.read import Case, latest_version, read_version
from goldworks.lake import Lake
from goldworks.policies import Policy, load_policy

SuiteChoice = Literal["rag", "agent", "chat", "by_content"]


class UseCasePlan(Policy):
    """How use cases that match the glob `use_case` are evaluated."""

    use_case: str
    suite: SuiteChoice = "by_content"
    target: str = "recorded"
    newest_releases: int = Field(default=6, ge=1)
    repeats: int = Field(default=1, ge=1)


class EvaluationPolicy(Policy):
    """`expectations/policies/evaluation.yml`; see its comments."""

    version: int = Field(ge=1)
    seed: int
    plans: tuple[UseCasePlan, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One evaluation run that is wanted. `suite` and `target` are names of files in `expectations/`."""

    use_case: str
    version_id: str
    suite: str
    target: str
    release: str | None
    seed: int
    repeats: int


def load_evaluation_policy(expectations: Path) -> EvaluationPolicy:
    """The policy below the folder `expectations`."""
    return load_policy(expectations / "policies" / "evaluation.yml", EvaluationPolicy)


def wanted_runs(lake: Lake, policy: EvaluationPolicy, *, is_benchmark: bool) -> list[Wanted]:
    """Runs for every use case with a golden version, oldest release first.

    The nightly run takes the newest releases once; the benchmark takes every release with all repeats.
    """
    use_cases = sorted(set(lake.read("golden.versions", ["use_case"]).column("use_case").to_pylist()))
    found: list[Wanted] = []
    for use_case in use_cases:
        version_id = latest_version(lake, use_case)
        plan = next((p for p in policy.plans if fnmatch.fnmatchcase(use_case, p.use_case)), None)
        if version_id is None or plan is None:
            continue
        releases = releases_of(lake, use_case)
        suite = plan.suite if plan.suite != "by_content" else suite_for(read_version(lake, version_id))
        for release in releases if is_benchmark else releases[-plan.newest_releases :]:
            repeats = plan.repeats if is_benchmark else 1
            found.append(Wanted(use_case, version_id, suite, plan.target, release, policy.seed, repeats))
    return found


def releases_of(lake: Lake, use_case: str) -> list[str]:
    """Releases that answered conversations of the use case, in the order in which they first did."""
    where = [("use_case", "=", use_case)]
    rows = lake.read("logs.conversations", ["release", "occurred_on"], where)
    firsts = rows.group_by("release").aggregate([("occurred_on", "min")])
    ordered = firsts.sort_by([("occurred_on_min", "ascending"), ("release", "ascending")])
    return [release for release in ordered.column("release").to_pylist() if release is not None]


def suite_for(cases: Sequence[Case]) -> str:
    """The suite that fits the cases: what most of them expect or rest on decides."""
    if not cases:
        return "chat"
    with_calls = sum(bool(case.expected.tool_calls) for case in cases)
    with_passages = sum(bool(case.passages) for case in cases)
    if max(with_calls, with_passages) * 2 < len(cases):
        return "chat"
    return "agent" if with_calls >= with_passages else "rag"
