"""Stage 3, evaluation: the current golden version of each use case against its releases; each run also stands in MLflow."""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from assets.partitions import partition_of, partitions_of, suites_of_releases
from assets.presenting import markdown_table
from assets.resources import Goldworks
from assets.retries import no_retry_when_refused
from goldworks.errors import BusyError, GoldworksError
from goldworks.evaluation.budget import Budget
from goldworks.evaluation.plan import Wanted, wanted_runs
from goldworks.evaluation.prices import load_prices
from goldworks.evaluation.publishing import publish
from goldworks.evaluation.result import RunResult
from goldworks.evaluation.run import run
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import load_target

GROUP = "evals"
KINDS = {"python", "deltalake", "mlflow"}
GRAINS = {
    "runs": "One row per evaluation run, with its full configuration.",
    "answers": "One row per answer: case x repeat.",
    "scores": "One row per metric of an answer.",
}
COLUMNS = ("use_case", "release", "suite", "status", "cases", "answers", "missing", "note", "run_id", "mlflow_run_id")
LOG_EVERY_SECONDS = 10.0
SUITES = dg.AssetKey(["evals", "suites_of_releases"])
"""One partition per suite of a release (`assets.suites`): it shows which were evaluated, whichever job did it."""

SCHEDULED = ".dagster/scheduled_execution_time"
"""Tag of a run that a schedule started."""

MLFLOW_TAG = "mlflow/run_ids"


class EvalConfig(dg.Config):
    """`is_benchmark`: every release with all repeats. `releases`: just these (`use_case/release`), old ones too; none: those that
    the policy wants. `occasion`: a new one asks every target anew; see `occasion_of`.
    """

    is_benchmark: bool = False
    releases: list[str] = []  # noqa: RUF012 - a field of Dagster's config, copied for each
    occasion: str = ""


@dg.multi_asset(
    name="evaluate",
    specs=[
        dg.AssetSpec(
            ["evals", name],
            deps=[["golden", "versions"], ["golden", "cases"]],
            group_name=GROUP,
            kinds=KINDS,
            owners=["team:quality-engineering"],
            description=grain,
        )
        for name, grain in GRAINS.items()
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "every_answer_came",
            asset=["evals", "runs"],
            description="No run lacks answers for infrastructure errors. The same runs, made again, ask for the missing ones.",
        )
    ],
    pool="evals",  # nor beside a suite that is run alone: it shares its journal
    retry_policy=dg.RetryPolicy(max_retries=1, delay=20),  # answers that were journalled are not asked for again
)
def evaluate(
    context: dg.AssetExecutionContext, config: EvalConfig, goldworks: Goldworks
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Run what the evaluation policy wants; a run that is done already is not made again. One that fails stops no other."""
    with no_retry_when_refused():
        wanted = wanted_runs(goldworks.home.lake, goldworks.expectations, is_benchmark=config.is_benchmark, only=config.releases)
    if not wanted:
        context.log.warning(f"no evaluation runs: {_why_none(config)}")
    context.instance.add_dynamic_partitions(str(suites_of_releases.name), partitions_of(wanted))
    rows: list[dict[str, Any]] = []
    failures: list[tuple[str, Exception]] = []
    for number, one in enumerate(wanted, 1):
        name = " ".join(part for part in (one.use_case, one.release) if part)
        try:
            result = evaluate_one(context, goldworks, one, config.occasion, f"{name} ({number} of {len(wanted)})")
        except Exception as error:  # the rest is still wanted; what failed is named at the end
            failures.append((name, error))
            context.log.error(f"{name}: {_shown(error)}")
        else:
            rows.append({**result.row, "note": note_of(result), "is_empty": result.nothing_measured is not None})
            if (partition := partition_of(one)) is not None:
                context.log_event(dg.AssetMaterialization(SUITES, partition=partition, metadata=of_partition(result)))
            context.log.info(f"{name}: {result.status}, {result.row['answers']} answers. {note_of(result) or ''}")
    _tag(context, rows)
    yield from _results(rows)
    if failures:
        raise _failed(failures, len(wanted))


def evaluate_one(context: dg.AssetExecutionContext, goldworks: Goldworks, wanted: Wanted, occasion: str, name: str) -> RunResult:
    """One run, in the tables and in MLflow."""
    lake, expectations = goldworks.home.lake, goldworks.expectations
    prices = load_prices(expectations)
    target = load_target(expectations / "targets" / f"{wanted.target}.yml", wanted.release, prices=prices)
    result = run(
        lake,
        wanted.version_id,
        load_suite(expectations / "suites" / f"{wanted.suite}.yml"),
        target,
        occasion=occasion or occasion_of(wanted, is_fixed=target.is_fixed, tags=context.run.tags),
        release=wanted.release,
        seed=wanted.seed,
        repeats=wanted.repeats,
        redactor=None if target.is_redacted else goldworks.redactor,
        progress=_progress(context, name),
        dagster_run_id=context.run.run_id,
        budget=Budget(prices=prices),
    )
    if result.is_new or not result.row["mlflow_run_id"]:
        publish(lake, result, goldworks.tracking, dagster_run_id=context.run.run_id)
        return result.reread(lake)
    return result


def of_partition(result: RunResult) -> dict[str, Any]:
    """What the page of a suite of a release shows of its newest run."""
    names = ("status", "answers", "missing", "version_id", "run_id")
    return {**{name: result.row[name] for name in names}, "note": note_of(result) or "measured"}


def note_of(result: RunResult) -> str | None:
    """What to know about a run beside its numbers, such as the cap it ended at."""
    said = (text.removesuffix(".") + "." for text in (result.ended, result.note, result.nothing_measured) if text)
    return " ".join(said) or None


def _why_none(config: EvalConfig) -> str:
    if config.releases:
        return f"no use case with a golden version has one of the releases {', '.join(config.releases)}"
    return "no use case has a golden version"


def occasion_of(wanted: Wanted, *, is_fixed: bool, tags: Mapping[str, str]) -> str:
    """Why a run is made. A live target is asked anew at each tick of a schedule, for what stands behind it may have changed;
    recorded answers never change, so a release of them is evaluated once per configuration.
    """
    tick = tags.get(SCHEDULED)
    if tick and not is_fixed:
        return f"schedule:{tick}"
    return f"release:{wanted.release}" if wanted.release else "again:0"


def _progress(context: dg.AssetExecutionContext, name: str) -> Callable[[int, int, int], None]:
    """Says in the log how far a run is, now and then."""
    last = time.monotonic()

    def say(done: int, wanted: int, failed: int) -> None:
        nonlocal last
        if time.monotonic() - last >= LOG_EVERY_SECONDS:
            last = time.monotonic()
            context.log.info(f"{name}: {done} of {wanted} answers, {failed} failed")

    return say


def _results(rows: list[dict[str, Any]]) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    incomplete = [row for row in rows if row["status"] != "complete"]
    shown = markdown_table(rows, COLUMNS, 60) if rows else "Nothing to evaluate yet: no use case has a golden version."
    counts = {"made": len(rows), "incomplete": len(incomplete), "without_a_number": sum(row["is_empty"] for row in rows)}
    yield dg.MaterializeResult(asset_key=["evals", "runs"], metadata={"runs": shown, **counts})
    answers = {"answers": sum(row["answers"] for row in rows), "missing": sum(row["missing"] for row in rows)}
    yield dg.MaterializeResult(asset_key=["evals", "answers"], metadata=answers)
    yield dg.MaterializeResult(asset_key=["evals", "scores"], metadata={"runs": len(rows)})
    yield dg.AssetCheckResult(
        check_name="every_answer_came",
        asset_key=["evals", "runs"],
        passed=not incomplete,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"incomplete": markdown_table(incomplete, COLUMNS, 60)} if incomplete else {},
    )


def _tag(context: dg.AssetExecutionContext, rows: list[dict[str, Any]]) -> None:
    """Note the MLflow runs in the Dagster run's tags; theirs hold the Dagster run's id."""
    ids = [row["mlflow_run_id"] for row in rows if row["dagster_run_id"] == context.run.run_id and row["mlflow_run_id"]]
    if ids and context.instance.has_run(context.run.run_id):
        context.instance.add_run_tags(context.run.run_id, {MLFLOW_TAG: ",".join(ids)})


def _shown(error: Exception) -> str:
    """Our own errors in full; of any other the class and the place alone, for its message may hold anything."""
    if isinstance(error, GoldworksError):
        return str(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.count("site-packages")]
    return f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"


def _failed(failures: list[tuple[str, Exception]], wanted: int) -> Exception:
    """What to raise. What the user must mend is not tried again; being busy passes."""
    named = "; ".join(f"{name}: {_shown(error).splitlines()[0]}" for name, error in failures)
    text = f"{len(failures)} of {wanted} evaluation runs failed. {named}"
    is_refused = all(isinstance(error, GoldworksError) and not isinstance(error, BusyError) for _, error in failures)
    return dg.Failure(text, allow_retries=not is_refused)


ASSETS = (evaluate,)
