"""`goldworks eval`: making evaluation runs, comparing them, listing them. What they print is in `eval_views`."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json

if TYPE_CHECKING:
    from goldworks.evaluation.cache import AnswerCache

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
    part: Annotated[
        str | None,
        typer.Option(help="Ask only this share of the cases, such as 2/4, beside other processes; then run it once without."),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="USD",
            help="Stop cleanly before all answers and judgments together cost more; the suite's if not given.",
        ),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            min=1, help="Stop cleanly before more tokens are read and written, by judges too; the suite's if not given."
        ),
    ] = None,
    cache: Annotated[
        bool, typer.Option(help="For development: take answers that were given before to the same question, and keep new ones.")
    ] = False,
    track: Annotated[bool, typer.Option(help="Also log the run in MLflow.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make one run. Started again it goes on where it stopped, or finds itself done.

    What is not given is taken from the release's file in expectations/releases/, if it has one, else from
    expectations/policies/evaluation.yml: so this is the run that the graph makes.

    Example: goldworks eval run --use-case harbor-orders --target harbor-orders-1.0 --release 1.0

    Exit code 0: complete; 1: error; 3: answers are missing (infrastructure errors, a cap, an endpoint that is down); 130:
    ended by ctrl-C, which keeps what was answered.
    """
    if not track:
        from goldworks.arrow import use_little_memory

        use_little_memory()
    from goldworks.evaluation.parts import Part
    from goldworks.evaluation.prices import load_prices
    from goldworks.evaluation.publishing import publish
    from goldworks.evaluation.run import PartResult, run_part
    from goldworks.evaluation.run import run as make_run
    from pipelines.asking_bar import asking_bar
    from pipelines.eval_plan import choose
    from pipelines.eval_views import plain, print_part, print_run

    share = Part.parse(part) if part is not None else None
    home = open_home()
    wanted = choose(home, use_case, suite, target, version, release, base_url, again)
    asked, prices = wanted.target, load_prices(home.settings.expectations)
    with ExitStack() as held:
        budget, progress = held.enter_context(asking_bar(f"asking {asked.name}", max_cost, max_tokens, prices))
        options: dict[str, Any] = {
            "occasion": wanted.occasion,
            "seed": wanted.seed if seed is None else seed,
            "repeats": repeats,
            "redactor": None if asked.is_redacted else home.redactor,
            "progress": progress,
            "budget": budget,
            "cache": held.enter_context(_cache(home)) if cache and not asked.is_fixed else None,
        }
        if share is not None:
            made = run_part(home.lake, wanted.version_id, wanted.suite, asked, share, **options)
        else:
            made = make_run(home.lake, wanted.version_id, wanted.suite, asked, release=wanted.release, **options)
    if isinstance(made, PartResult):
        print_part(str(share), made, as_json)
        raise typer.Exit(0 if made.answers == made.wanted else EXIT_INCOMPLETE)
    result = made
    mlflow_run_id = None
    if track:
        from goldworks.adapters.tracking import MlflowTracking

        mlflow_run_id = publish(home.lake, result, MlflowTracking(home.root, home.settings.expectations))
    if as_json:
        values = {name: asdict(estimate) for name, estimate in result.estimates.items()}
        extra = {"mlflow_run_id": mlflow_run_id, "is_new": result.is_new, "not_covered": result.not_covered}
        extra |= {"because": result.because, "note": result.note}
        print_json({**plain(result.row), **extra, "metrics": values})
    else:
        print_run(result)
    if not result.is_complete:
        raise typer.Exit(EXIT_INCOMPLETE)


@app.command("compare")
def compare_(
    base: Annotated[str, typer.Argument(help="Run id, its unique beginning, or a release (its newest run).")],
    candidate: Annotated[str, typer.Argument(help="The same, for the run that is held against the base.")],
    suite: Annotated[str | None, typer.Option(help="Of a release's runs, those of this suite.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two runs metric by metric, with the interval of the difference (candidate minus base).

    Example: goldworks eval compare 1.0 1.1
    """
    from goldworks.evaluation.compare import compare
    from pipelines.eval_views import plain, print_comparison

    found = compare(open_home().lake, base, candidate, suite=suite)
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


def _cache(home: Home) -> AbstractContextManager[AnswerCache]:
    from goldworks.evaluation.cache import answer_cache
    from goldworks.redaction import policy_version

    made_by = policy_version(home.settings.expectations / "policies" / "redaction.yml", home.names)
    return answer_cache(home.cache, home.key, made_by)
