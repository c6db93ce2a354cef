"""Stage 3, evaluation: the newest golden version of each use case against its releases; each run also stands in MLflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.presenting import markdown_table
from assets.resources import Goldworks
from goldworks.evaluation.plan import Wanted, load_evaluation_policy, wanted_runs
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


class EvalConfig(dg.Config):
    """`occasion` empty: each release is evaluated once per configuration; `tick`: the target is asked anew."""

    is_benchmark: bool = False
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
    retry_policy=dg.RetryPolicy(max_retries=1, delay=60),  # answers that were journalled are not asked for again
)
def evaluate(context: dg.AssetExecutionContext, config: EvalConfig, goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any]]:
    """Run what the evaluation policy wants; a run that is done already is not run again."""
    policy = load_evaluation_policy(goldworks.expectations)
    rows: list[dict[str, Any]] = []
    for wanted in wanted_runs(goldworks.home.lake, policy, is_benchmark=config.is_benchmark):
        rows.append(_evaluate(context, goldworks, wanted, config.occasion))
        context.log.info(f"{wanted.use_case} {wanted.release}: {rows[-1]['status']}, {rows[-1]['answers']} answers")
    columns = ("use_case", "release", "suite", "status", "cases", "answers", "missing", "run_id")
    yield dg.MaterializeResult(asset_key=["evals", "runs"], metadata={"runs": markdown_table(rows, columns, 60)})
    yield dg.MaterializeResult(asset_key=["evals", "answers"], metadata={"answers": sum(row["answers"] for row in rows)})
    yield dg.MaterializeResult(asset_key=["evals", "scores"], metadata={"runs": len(rows)})


def _evaluate(context: dg.AssetExecutionContext, goldworks: Goldworks, wanted: Wanted, occasion: str) -> dict[str, Any]:
    """One run, in the tables and in MLflow; its row of `evals.runs`."""
    lake, expectations = goldworks.home.lake, goldworks.expectations
    result = run(
        lake,
        wanted.version_id,
        load_suite(expectations / "suites" / f"{wanted.suite}.yml"),
        load_target(expectations / "targets" / f"{wanted.target}.yml", wanted.release),
        occasion=occasion or f"release:{wanted.release}",
        release=wanted.release,
        seed=wanted.seed,
        repeats=wanted.repeats,
        redactor=goldworks.redactor,
        dagster_run_id=context.run_id,
    )
    if result.is_new or not result.row["mlflow_run_id"]:
        goldworks.tracking.log_run(lake, result)
    return dict(result.row)


ASSETS = (evaluate,)
