"""Stage 4a, human review: the queue is filled, labels that people finished are taken, and their agreement is computed.
What reviewers have left to do fails a check, not the step.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.presenting import markdown_table
from assets.resources import Goldworks
from assets.retries import no_retry_when_refused
from goldworks.calibration.policy import load_calibration_policy
from goldworks.lake import Lake
from goldworks.review.agreeing import agree
from goldworks.review.batch import of_rubric
from goldworks.review.incoming import take_incoming
from goldworks.review.policy import load_review_policy
from goldworks.review.queue import fill
from goldworks.review.rubric import load_rubrics

GROUP = "review"
KINDS = {"python", "deltalake"}
OWNERS = ["team:quality-engineering"]
AGREEMENT_COLUMNS = ("rubric", "dimension", "units", "alpha", "alpha_low", "percent", "ac1", "status", "remedy")


@dg.multi_asset(
    name="review_queue",
    specs=[
        dg.AssetSpec(
            ["review", name],
            deps=[["logs", "conversations"], ["logs", "turns"], ["logs", "forgotten"], ["evals", "scores"], ["evals", "answers"]],
            group_name=GROUP,
            kinds=KINDS,
            owners=OWNERS,
            description=grain,
        )
        for name, grain in (
            (
                "tasks",
                "One row per item to label, with its inclusion probability; adjudications and anchors beside them.",
            ),
            ("strata", "One row per stratum of the queue and week, with the items there were to draw from."),
        )
    ],
)
def review_queue(goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any]]:
    """Draw what is to be reviewed by the policy; what is in the queue already stays as it is."""
    with no_retry_when_refused():
        paired = load_calibration_policy(goldworks.expectations).paired_of
        filled = fill(goldworks.home.lake, goldworks.expectations, goldworks.use_cases, paired)
    new = ", ".join(f"{number} {kind}" for kind, number in sorted(filled.new.items())) or "none"
    yield dg.MaterializeResult(asset_key=["review", "tasks"], metadata={"new": new, "expected": round(filled.expected, 1)})
    yield dg.MaterializeResult(asset_key=["review", "strata"], metadata={"items": filled.items})


@dg.multi_asset(
    name="labels",
    specs=[
        dg.AssetSpec(
            ["review", name], deps=[["review", "tasks"]], group_name=GROUP, kinds=KINDS, owners=OWNERS, description=grain
        )
        for name, grain in (
            ("labels", "One row per judgment of a reviewer, as it was given; those of other tools and of models beside them."),
            ("refusals", "One row per label that was not taken, with the reason; never its value."),
        )
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "every_file_was_taken",
            asset=["review", "labels"],
            description="Every file in the home's folder `labels` could be read, and none of its labels was refused.",
        )
    ],
)
def labels(goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Take the files that wait in the home's folder `labels`; what was taken is deleted, what was refused left without texts."""
    lake = goldworks.home.lake
    with no_retry_when_refused():
        lake.create(["review.labels", "review.refusals"])
        found = take_incoming(lake, goldworks.expectations)
    refused: Counter[str] = Counter()
    for one in found.taken.values():
        refused.update({reason: number for reason, number in one.refused.items() if reason != "duplicate"})
    taken = {"files": len(found.taken), "taken": sum(one.taken for one in found.taken.values())}
    problems = [f"{name}: {why}" for name, why in found.unreadable.items()]
    problems += [f"{number} labels refused: {reason}" for reason, number in sorted(refused.items())]
    yield dg.MaterializeResult(asset_key=["review", "labels"], metadata=taken)
    yield dg.MaterializeResult(asset_key=["review", "refusals"], metadata={"refused": sum(refused.values())})
    yield _check("every_file_was_taken", ["review", "labels"], problems)


@dg.asset(
    key=["review", "agreement"],
    deps=[["review", "labels"]],
    group_name=GROUP,
    kinds=KINDS,
    owners=OWNERS,
    check_specs=[
        dg.AssetCheckSpec(
            "labels_are_a_reference",
            asset=["review", "agreement"],
            description="Reviewers agree well enough, by the lower end of alpha, on every dimension that can be decided.",
        )
    ],
)
def review_agreement(goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """One row per rubric version, dimension and scope: how far reviewers agree, and whether labels may be used."""
    with no_retry_when_refused():
        rows = [row for row in agree(goldworks.home.lake, goldworks.expectations) if row["scope"] == "all"]
    shown = markdown_table(rows, AGREEMENT_COLUMNS) if rows else "No labels yet."
    yield dg.MaterializeResult(asset_key=["review", "agreement"], metadata={"agreement": shown})
    problems = [f"{row['rubric']} {row['dimension']}: {row['remedy']}" for row in rows if row["status"] == "not_usable"]
    yield _check("labels_are_a_reference", ["review", "agreement"], problems)


@dg.asset_check(asset=["review", "tasks"])
def queue_is_worked_off(goldworks: Goldworks) -> dg.AssetCheckResult:
    """No item waits so long for its labels that they would be refused as late."""
    late = late_tasks(goldworks.home.lake, goldworks)
    problems = [f"{number} items of {rubric} were drawn too long ago" for rubric, number in late.items()]
    return _check("queue_is_worked_off", ["review", "tasks"], problems)


def late_tasks(lake: Lake, goldworks: Goldworks) -> dict[str, int]:
    """Open tasks past the policy's limit, by rubric."""
    limit = dt.timedelta(days=load_review_policy(goldworks.expectations).late_after_days)
    before = dt.datetime.now(dt.UTC) - limit
    found: dict[str, int] = {}
    for rubric in load_rubrics(goldworks.expectations).values():
        tasks, given = of_rubric(lake, rubric)
        late = sum(task["queued_at"] < before and len(given.get(task["task_id"], {})) < task["labels_wanted"] for task in tasks)
        if late:
            found[rubric.name] = late
    return found


def _check(name: str, asset: list[str], problems: list[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=asset,
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"problems": "\n".join(problems)} if problems else {},
    )


ASSETS = (review_queue, labels, review_agreement)
CHECKS = (queue_is_worked_off,)
