"""Which evaluation runs are wanted: for each use case its current golden version, its suite, its target, its releases."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from goldworks.errors import PolicyError
from goldworks.evaluation.releases import Release, load_releases, require_files
from goldworks.evaluation.targets import load_target
from goldworks.golden.read import Case, latest_versions, read_version
from goldworks.lake import Lake
from goldworks.policies import Policy, load_policy


class UseCasePlan(Policy):
    """How use cases that match the glob `use_case` are evaluated.

    A recorded target has every release in the logs; any other target is one release, which `release` may name. No target:
    the runs of these use cases are made elsewhere (`goldworks eval run`, a pipeline of the product's own).
    """

    use_case: str
    suite: str = Field(default="by_content", pattern=r"^[a-z][a-z0-9_]*$", description="by_content, or a file in suites/")
    target: str | None = "recorded"
    release: str | None = None
    newest_releases: int = Field(default=6, ge=1)
    repeats: int = Field(default=1, ge=1)


class EvaluationPolicy(Policy):
    """`expectations/policies/evaluation.yml`; see its comments."""

    version: int = Field(ge=1)
    seed: int
    plans: tuple[UseCasePlan, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One evaluation run that is wanted. `suite` and `target` are names of files in `expectations/`.

    `release` None: the target is not a release that has a name (a live endpoint; logs without releases).
    """

    use_case: str
    version_id: str
    suite: str
    target: str
    release: str | None
    seed: int
    repeats: int


def load_evaluation_policy(expectations: Path) -> EvaluationPolicy:
    """The policy below the folder `expectations`. Raises `PolicyError` for a broken one, or a target or suite that is absent."""
    path = expectations / "policies" / "evaluation.yml"
    policy = load_policy(path, EvaluationPolicy)
    for index, plan in enumerate(policy.plans):
        for folder, name in (("targets", plan.target), ("suites", plan.suite)):
            if name not in (None, "by_content"):
                require_files(f"{path}: plans.{index}", expectations / folder, (name,))
        if plan.target is not None and _is_recorded(expectations, plan.target):
            if plan.release is not None:
                raise PolicyError(f"{path}: plans.{index}.release: a recorded target has the releases that are in the logs")
            if plan.repeats != 1:
                raise PolicyError(f"{path}: plans.{index}.repeats: a recorded target gives the same answer each time")
    return policy


def wanted_runs(lake: Lake, expectations: Path, *, is_benchmark: bool, only: Collection[str] = ()) -> list[Wanted]:
    """Runs for every use case with a golden version, oldest release first, as the policy below `expectations` wants them.

    Releases that have a file in `releases/` are asked as it says, with its suites; of other use cases the plan names the target.
    The nightly run takes the newest releases once; the benchmark takes every release with all repeats. `only`: just these
    releases (`use_case/release`), old ones too. Raises `PolicyError`.
    """
    policy, releases = load_evaluation_policy(expectations), load_releases(expectations)
    found: list[Wanted] = []
    for version_id in latest_versions(lake):
        cases = read_version(lake, version_id)
        plan = plan_for(policy, cases[0].use_case) if cases else None
        if plan is None:
            continue
        use_case = cases[0].use_case
        declared = [one for one in releases if one.use_case == use_case]
        asked = declared or _planned(lake, expectations, plan, use_case)
        if not (is_benchmark or only):
            asked = asked[-plan.newest_releases :]
        for one in asked:
            if only and f"{use_case}/{one.release}" not in only:
                continue
            for suite in one.suites or (plan.suite,):
                named = suite if suite != "by_content" else suite_for(cases)
                is_fixed = _is_recorded(expectations, one.target)
                repeats = plan.repeats if is_benchmark and not is_fixed else 1
                found.append(Wanted(use_case, version_id, named, one.target, one.release, policy.seed, repeats))
    return found


@dataclass(frozen=True, slots=True)
class _Planned:
    """A release without a file."""

    release: str | None
    target: str
    suites: tuple[str, ...] = ()


def _planned(lake: Lake, expectations: Path, plan: UseCasePlan, use_case: str) -> Sequence[Release | _Planned]:
    """What the plan alone asks: its target, which if it is recorded has every release in the logs."""
    if plan.target is None:
        return ()
    if not _is_recorded(expectations, plan.target):
        return (_Planned(plan.release, plan.target),)
    return [_Planned(release, plan.target) for release in releases_of(lake, use_case) or (None,)]


def plan_for(policy: EvaluationPolicy, use_case: str) -> UseCasePlan | None:
    """The first plan whose glob matches the use case."""
    return next((plan for plan in policy.plans if fnmatch.fnmatchcase(use_case, plan.use_case)), None)


def _is_recorded(expectations: Path, target: str) -> bool:
    return load_target(expectations / "targets" / f"{target}.yml").kind == "recorded"


def releases_of(lake: Lake, use_case: str) -> list[str]:
    """Releases that answered conversations of the use case, in the order in which they first did."""
    where = [("use_case", "=", use_case)]
    rows = lake.read("logs.conversations", ["release", "occurred_on"], where)
    firsts = rows.group_by("release").aggregate([("occurred_on", "min")])
    ordered = firsts.sort_by([("occurred_on_min", "ascending"), ("release", "ascending")])
    return [release for release in ordered.column("release").to_pylist() if release is not None]


def suite_for(cases: Sequence[Case]) -> str:
    """The suite that fits the cases, by what most of them are about: `agent` when calls are expected, `rag` when there are
    passages (before tools that merely exist: fetching passages is often one itself), `agent` when there are tools, else `chat`.
    """
    kinds = {
        "agent": [bool(case.expected.tool_calls) for case in cases],
        "rag": [bool(case.passages) for case in cases],
        "agent with nothing expected": [bool(case.tools) or any(m.tool_calls for m in case.messages) for case in cases],
    }
    most = next((kind for kind, has in kinds.items() if 2 * sum(has) > len(cases)), "chat")
    return most.split()[0]
