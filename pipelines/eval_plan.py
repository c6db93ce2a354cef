"""What `goldworks eval run` is to run: what the command says, else the release's file, else the evaluation policy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from goldworks.errors import InputError
from goldworks.evaluation.plan import load_evaluation_policy, plan_for, releases_of, suite_for
from goldworks.evaluation.prices import load_prices
from goldworks.evaluation.releases import load_releases
from goldworks.evaluation.suites import Suite, load_suite
from goldworks.evaluation.targets import Target, load_target
from goldworks.golden.read import latest_version, read_version
from goldworks.home import Home


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which cases, who is asked, by which suite the answers are scored, and why."""

    version_id: str
    target: Target
    suite: Suite
    release: str | None
    seed: int
    occasion: str


def choose(
    home: Home,
    use_case: str,
    suite: str | None,
    target: str | None,
    version: str | None,
    release: str | None,
    base_url: str | None,
    again: int,
) -> Chosen:
    """Raises `InputError` for what is not there, `PolicyError` for a broken file."""
    expectations = home.settings.expectations
    version_id = version or latest_version(home.lake, use_case)
    if version_id is None:
        raise InputError(f"use case {use_case} has no golden version", remedy=f"goldworks golden mint {use_case}")
    policy = load_evaluation_policy(expectations)
    plan = plan_for(policy, use_case)
    of_release = next((one for one in load_releases(expectations) if one.key == f"{use_case}/{release}"), None)
    answers = target or (of_release.target if of_release else plan.target if plan else "recorded")
    if answers is None:
        raise InputError(f"the evaluation policy names no target for {use_case}", remedy="say which: --target NAME")
    asked = load_target(named(expectations / "targets", answers), release, base_url, load_prices(expectations))
    if asked.kind == "recorded" and release and not home.lake.read("logs.turns", ["line"], [("release", "=", release)]).num_rows:
        known = ", ".join(releases_of(home.lake, use_case)) or "none"
        raise InputError(f"no turn in the logs was answered by release {release!r}", remedy=f"of {use_case} there are: {known}")
    release = release or (plan.release if plan and target is None else None)
    planned = of_release.suites[0] if of_release and of_release.suites else plan.suite if plan else "by_content"
    chosen = suite or (planned if planned != "by_content" else suite_for(read_version(home.lake, version_id)))
    why = [*([f"release:{release}"] if release else []), *([f"again:{again}"] if again or not release else [])]
    checks = load_suite(named(expectations / "suites", chosen))
    return Chosen(version_id, asked, checks, release, policy.seed, "/".join(why))


def named(folder: Path, name: str) -> Path:
    """A YAML file given by path, or by its name in `folder`."""
    if name.endswith((".yml", ".yaml")):
        return Path(name)
    path = folder / f"{name}.yml"
    if not path.exists():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.yml"))) or "none"
        raise InputError(f"no {name!r} in {folder}", remedy=f"one of: {known}; or give a YAML file")
    return path
