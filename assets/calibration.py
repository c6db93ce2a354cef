"""Stage 4b, calibration: metrics and judges held against the labels of reviewers. What they lack fails a check, not the step.
What certified ones say of the newest runs is put in the terms of people.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.presenting import markdown_table
from assets.resources import Goldworks
from assets.retries import no_retry_when_refused
from goldworks.calibration.certifying import certify_all, state_at
from goldworks.release.human_rates import human_rates

COLUMNS = ("use_case", "suite", "metric", "rubric", "dimension", "labels", "balanced_accuracy", "kappa", "state")
RATES = ("use_case", "release", "suite", "metric", "own_value", "value", "low", "high", "method", "labels")


@dg.asset(
    key=["review", "certificates"],
    deps=[["review", "labels"], ["evals", "runs"], ["evals", "scores"], ["evals", "answers"]],
    group_name="review",
    kinds={"python", "deltalake"},
    owners=["team:quality-engineering"],
    description="One row per certificate: what labels show of a metric or judge that stands for people, and what it lacks.",
    check_specs=[
        dg.AssetCheckSpec(
            "every_certified_metric_holds",
            asset=["review", "certificates"],
            description="No metric that people labelled enough for is refused by what they say, and no certificate has expired.",
        )
    ],
)
def certificates(goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Certify what has labels. Models are not asked again here: `goldworks calibrate --rejudge` does that."""
    now = dt.datetime.now(dt.UTC)
    with no_retry_when_refused():
        rows = certify_all(goldworks.home.lake, goldworks.expectations, now)
    shown = [{**row, "state": state_at(row, now)} for row in rows]
    refused = [
        f"{row['suite']}/{row['metric']} of {row['use_case']}: {row['state']}; {'; '.join(row['missing'])}"
        for row in shown
        if row["state"] in ("not_usable", "expired")
    ]
    yield dg.MaterializeResult(metadata={"certificates": markdown_table(shown, COLUMNS, 60) if shown else "No labels yet."})
    yield dg.AssetCheckResult(
        check_name="every_certified_metric_holds",
        passed=not refused,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"problems": "\n".join(refused)} if refused else {},
    )


@dg.asset(
    key=["review", "human_rates"],
    deps=[["review", "certificates"], ["review", "labels"], ["evals", "runs"], ["evals", "scores"], ["evals", "answers"]],
    group_name="review",
    kinds={"python", "deltalake"},
    owners=["team:quality-engineering"],
    description="One row per newest run of a release and certified metric: the rate that people would have found.",
)
def human_rates_of_runs(goldworks: Goldworks) -> dg.MaterializeResult[Any]:
    """What certified metrics say of the newest runs, in the terms of people."""
    with no_retry_when_refused():
        rows = human_rates(goldworks.home.lake, goldworks.expectations, dt.datetime.now(dt.UTC))
    shown = markdown_table(rows, RATES, 60) if rows else "No metric has a valid certificate."
    return dg.MaterializeResult(metadata={"rates": shown})


ASSETS = (certificates, human_rates_of_runs)
