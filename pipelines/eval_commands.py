"""`goldworks eval`: making evaluation runs, comparing them, listing them. What they print is in `eval_views`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from goldworks.errors import InputError
from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json

EXIT_INCOMPLETE = 3

app = typer.Typer(no_args_is_help=True, help="Evaluation runs: ask a target the cases of a golden version, score, compare.")


@app.command()
def run(
    use_case: Annotated[str, typer.Option(help="Use case whose golden version is asked.")],
    suite: Annotated[
        str | None, typer.Option(help="Suite: a name in expectations/suites, or a YAML file; the policy's when not given.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Target: a name in expectations/targets, or a YAML file; the policy's when not given.")
    ] = None,
    version: Annotated[str | None, typer.Option(help="Golden version; the newest one when not given.")] = None,
    release: Annotated[str | None, typer.Option(help="Release under test; for `recorded`, whose answers are looked up.")] = None,
    again: Annotated[int, typer.Option(min=0, help="Another number is another run: the target is asked anew.")] = 0,
    repeats: Annotated[int, typer.Option(min=1, help="Answers per case.")] = 1,
    seed: Annotated[int | None, typer.Option(help="Seed sent to the target; the policy's when not given.")] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Where the target's endpoint is reached now; the same model at another address.")
    ] = None,
    track: Annotated[bool, typer.Option(help="Also log the run in MLflow.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make one run. Started again it goes on where it stopped, or finds itself done.

    What is not given is taken from expectations/policies/evaluation.yml, so this is the run that the nightly job makes.

    Example: goldworks eval run --use-case harbor-orders --target harbor-orders-1.0 --release 1.0

    Exit code 0: complete; 1: error; 3: some answers are missing for infrastructure errors.
    """
    from goldworks.evaluation.plan import load_evaluation_policy, plan_for, releases_of, suite_for
    from goldworks.evaluation.publishing import publish
    from goldworks.evaluation.run import run as make_run
    from goldworks.evaluation.suites import load_suite
    from goldworks.evaluation.targets import load_target
    from goldworks.golden.read import latest_version, read_version
    from pipelines.eval_views import plain, print_run
    from pipelines.stages import Stages

    home = open_home()
    expectations = home.settings.expectations
    version_id = version or latest_version(home.lake, use_case)
    if version_id is None:
        raise InputError(f"use case {use_case} has no golden version", remedy=f"goldworks golden mint {use_case}")
    policy = load_evaluation_policy(expectations)
    plan = plan_for(policy, use_case)
    answers = target or (plan.target if plan else "recorded")
    if answers is None:
        raise InputError(f"the evaluation policy names no target for {use_case}", remedy="say which: --target NAME")
    asked = load_target(_named(expectations / "targets", answers), release, base_url)
    if asked.kind == "recorded" and release and not home.lake.read("logs.turns", ["line"], [("release", "=", release)]).num_rows:
        known = ", ".join(releases_of(home.lake, use_case)) or "none"
        raise InputError(f"no turn in the logs was answered by release {release!r}", remedy=f"of {use_case} there are: {known}")
    release = release or (plan.release if plan and target is None else None)
    planned = plan.suite if plan else "by_content"
    chosen = suite or (planned if planned != "by_content" else suite_for(read_version(home.lake, version_id)))
    checks = load_suite(_named(expectations / "suites", chosen))
    occasion = "/".join([*([f"release:{release}"] if release else []), *([f"again:{again}"] if again or not release else [])])
    with Stages().progress(f"asking {asked.name}") as progress:
        result = make_run(
            home.lake,
            version_id,
            checks,
            asked,
            occasion=occasion,
            release=release,
            seed=policy.seed if seed is None else seed,
            repeats=repeats,
            redactor=None if asked.is_redacted else home.redactor,
            progress=progress,
        )
    mlflow_run_id = None
    if track:
        from goldworks.adapters.tracking import MlflowTracking

        mlflow_run_id = publish(home.lake, result, MlflowTracking(home.root))
    if as_json:
        values = {name: asdict(estimate) for name, estimate in result.estimates.items()}
        extra = {"mlflow_run_id": mlflow_run_id, "is_new": result.is_new, "not_covered": result.not_covered}
        print_json({**plain(result.row), **extra, "metrics": values})
    else:
        print_run(result)
    if not result.is_complete:
        raise typer.Exit(EXIT_INCOMPLETE)


@app.command("compare")
def compare_(
    base: Annotated[str, typer.Argument(help="Run id, its unique beginning, or a release (its newest run).")],
    candidate: Annotated[str, typer.Argument(help="The same, for the run that is held against the base.")],
    as_json: AsJson = False,
) -> None:
    """Compare two runs metric by metric, with the interval of the difference (candidate minus base).

    Example: goldworks eval compare 1.0 1.1
    """
    from goldworks.evaluation.compare import compare
    from pipelines.eval_views import plain, print_comparison

    found = compare(open_home().lake, base, candidate)
    if as_json:
        print_json({**asdict(found), "base": plain(found.base), "candidate": plain(found.candidate)})
    else:
        print_comparison(found)


@app.command("list")
def list_(
    use_case: Annotated[str | None, typer.Option(help="Only runs of this use case.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs, newest first.

    Example: goldworks eval list --use-case harbor-orders
    """
    from pipelines.eval_views import plain, print_list

    where = [("use_case", "=", use_case)] if use_case else None
    rows = sorted(open_home().lake.rows("evals.runs", where=where), key=lambda row: row["ended_at"], reverse=True)
    if as_json:
        print_json([plain(row) for row in rows])
    else:
        print_list(rows, use_case)


def _named(folder: Path, name: str) -> Path:
    """A YAML file given by path, or by its name in `folder`."""
    if name.endswith((".yml", ".yaml")):
        return Path(name)
    path = folder / f"{name}.yml"
    if not path.exists():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.yml"))) or "none"
        raise InputError(f"no {name!r} in {folder}", remedy=f"one of: {known}; or give a YAML file")
    return path
