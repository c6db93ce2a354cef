"""`goldworks eval`: making evaluation runs, comparing them, listing them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from goldworks.errors import InputError
from goldworks.home import Home
from goldworks.settings import close_network, load_settings

EXIT_INCOMPLETE = 3

app = typer.Typer(no_args_is_help=True, help="Evaluation runs: ask a target the cases of a golden version, score, compare.")

AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


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
    from goldworks.evaluation.plan import load_evaluation_policy, plan_for, suite_for
    from goldworks.evaluation.publishing import publish
    from goldworks.evaluation.run import run as make_run
    from goldworks.evaluation.suites import load_suite
    from goldworks.evaluation.targets import load_target
    from goldworks.golden.read import latest_version, read_version

    home = _home()
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
    release = release or (plan.release if plan and target is None else None)
    planned = plan.suite if plan else "by_content"
    chosen = suite or (planned if planned != "by_content" else suite_for(read_version(home.lake, version_id)))
    checks = load_suite(_named(expectations / "suites", chosen))
    occasion = "/".join([*([f"release:{release}"] if release else []), *([f"again:{again}"] if again or not release else [])])
    with _progress(as_json) as progress:
        result = make_run(
            home.lake,
            version_id,
            checks,
            asked,
            occasion=occasion,
            release=release,
            seed=policy.seed if seed is None else seed,
            repeats=repeats,
            redactor=None if asked.is_redacted else _redactor(home),
            progress=progress,
        )
    mlflow_run_id = None
    if track:
        from goldworks.adapters.tracking import MlflowTracking

        mlflow_run_id = publish(home.lake, result, MlflowTracking(home.root))
    if as_json:
        values = {name: asdict(estimate) for name, estimate in result.estimates.items()}
        extra = {"mlflow_run_id": mlflow_run_id, "is_new": result.is_new, "not_covered": result.not_covered}
        _print_json({**_row(result.row), **extra, "metrics": values})
    else:
        _print_run(result)
    if not result.is_complete:
        raise typer.Exit(EXIT_INCOMPLETE)


@app.command("compare")
def compare_(
    base: Annotated[str, typer.Argument(help="Run id, its unique beginning, or a release (its newest run).")],
    candidate: Annotated[str, typer.Argument(help="The same, for the run that is held against the base.")],
    as_json: AsJson = False,
) -> None:
    """Compare two runs metric by metric, with the interval of the difference (candidate minus base).

    Example: goldworks eval compare 1.0 2.0
    """
    from goldworks.evaluation.compare import compare

    found = compare(_home().lake, base, candidate)
    if as_json:
        sides = {"base": _row(found.base), "candidate": _row(found.candidate)}
        _print_json({**asdict(found), **sides})
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from goldworks.evaluation.report import in_words

    console = Console()
    names = [f"{row['release'] or row['target']} ({row['run_id'][:8]})" for row in (found.base, found.candidate)]
    if names[0] == names[1]:
        names = [f"{row['release'] or row['target']} ({row['run_id'][:12]})" for row in (found.base, found.candidate)]
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0), title=f"{names[1]} against {names[0]}")
    for column in ("metric", *names, "difference [95 %]", "p", "cases"):
        table.add_column(column, no_wrap=column in ("metric", "cases"))
    unmeasured: list[str] = []
    for metric in found.metrics:
        if not (metric.base.n or metric.base.n_missing or metric.candidate.n or metric.candidate.n_missing):
            unmeasured.append(metric.metric)
            continue
        p = metric.difference.p_value
        numbers = in_words(metric.base), in_words(metric.candidate), in_words(metric.difference)
        cases = str(metric.difference.n) if metric.is_paired else f"{metric.base.n} / {metric.candidate.n}"
        table.add_row(metric.metric, *numbers, "" if p is None else f"{p:.3g}", cases)
    console.print(table)
    if unmeasured:
        console.print(f"Measured in neither: {', '.join(unmeasured)}.", markup=False)
    console.print(f"{found.common} cases in common of {found.base_cases} and {found.candidate_cases}.")
    for warning in found.warnings:
        console.print(f"Note: {warning}.", markup=False)


@app.command("list")
def list_(
    use_case: Annotated[str | None, typer.Option(help="Only runs of this use case.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs, newest first."""
    where = [("use_case", "=", use_case)] if use_case else None
    rows = sorted(_home().lake.rows("evals.runs", where=where), key=lambda row: row["ended_at"], reverse=True)
    if as_json:
        _print_json([_row(row) for row in rows])
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for column in ("run", "use case", "release", "suite", "version", "cases", "missing", "ended (UTC)"):
        table.add_column(column, no_wrap=column != "release")
    for row in rows:
        names = row["use_case"], row["release"] or row["target"], row["suite"], row["version_id"].rsplit("-", 1)[-1][:8]
        missing = "" if row["status"] == "complete" else str(row["missing"])
        table.add_row(row["run_id"][:8], *names, str(row["cases"]), missing, f"{row['ended_at']:%m-%d %H:%M}")
    Console().print(table if rows else "No runs yet. Make one: goldworks eval run --help")


def _home() -> Home:
    settings = load_settings()
    close_network(settings)
    return Home(settings).prepare()


def _redactor(home: Home) -> Any:
    from goldworks.redaction import load_redactor

    return load_redactor(home.settings.expectations / "policies" / "redaction.yml", home.key, home.settings.names)


def _named(folder: Path, name: str) -> Path:
    """A YAML file given by path, or by its name in `folder`."""
    if name.endswith((".yml", ".yaml")):
        return Path(name)
    path = folder / f"{name}.yml"
    if not path.exists():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.yml"))) or "none"
        raise InputError(f"no {name!r} in {folder}", remedy=f"one of: {known}; or give a YAML file")
    return path


def _progress(is_silent: bool) -> Any:
    """A context that gives a progress callback; it draws on stderr, so that stdout stays clean."""
    from contextlib import contextmanager

    @contextmanager
    def drawn() -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True), disable=is_silent, transient=True) as bar:
            task = bar.add_task("asking", total=None)

            def on_answer(done: int, total: int, missing: int) -> None:
                bar.update(task, completed=done, total=total, description=f"asking ({missing} missing)" if missing else "asking")

            yield on_answer

    return drawn()


def _print_run(result: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    from goldworks.evaluation.report import in_words

    table = Table("metric", "value [95 %]", "cases", "missing", title=result.label)
    for name, estimate in result.estimates.items():
        if name in result.unmeasured:
            continue
        table.add_row(name, in_words(estimate), str(estimate.n), str(estimate.n_missing) if estimate.n_missing else "")
    console = Console()
    if result.nothing_measured:
        console.print(f"{result.label}: {result.nothing_measured}.", markup=False)
    else:
        console.print(table)
        if result.unmeasured:
            console.print(f"Not measured, for no case asks for it: {', '.join(result.unmeasured)}.", markup=False)
    row = result.row
    state = "was done before" if not result.is_new else row["status"]
    console.print(
        f"Run {result.run_id}: {state}. {row['cases']} cases, {row['answers']} answers, {row['missing']} missing, "
        f"{result.not_covered} cases not covered by the target.",
        markup=False,
    )
    if row["missing"]:
        console.print("Run the same command again to ask for the missing ones.")


def _row(row: Any) -> dict[str, Any]:
    import orjson

    return {**row, "config": orjson.loads(row["config"])}


def _print_json(value: Any) -> None:
    import orjson

    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
