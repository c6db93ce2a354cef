"""Beside the line: what is older than the retention policy allows is deleted each day. `goldworks retention` is wired here."""

import datetime as dt
from typing import Any

import dagster as dg

from assets.forgetting import forgetting_of
from assets.presenting import markdown_table
from assets.resources import Goldworks
from assets.retries import retry_when_away
from goldworks.adapters.tracking import MlflowTracking
from goldworks.adapters.tracking_retention import RunPages
from goldworks.expiry.enforcing import Report, Rules, enforce, look
from goldworks.expiry.reporting import by_hold, by_table
from goldworks.home import Home
from goldworks.retention.policy import load_retention_policy

COLUMNS = ("table", "partition", "deleted", "kept_by_hold")


def rules_of(home: Home) -> Rules:
    """The policy as it stands today, for the home's region."""
    policy = load_retention_policy(home.settings.expectations)
    return Rules(policy, home.region, home.ring, dt.datetime.now(dt.UTC).date())


def look_at(home: Home) -> Report:
    """What would be deleted today."""
    return look(home.lake, rules_of(home))


def enforce_in(home: Home) -> Report:
    """Delete what is past its limit in this home, and make the marts anew."""
    pages = RunPages(MlflowTracking(home.root, home.settings.expectations))
    return enforce(forgetting_of(home), rules_of(home), pages, home.redactor.policy_version)


@dg.asset(
    key=["governance", "retention"],
    deps=[["logs", "conversations"], ["logs", "quarantine"], ["golden", "versions"], ["evals", "answers"]],
    group_name="governance",
    kinds={"python"},
    owners=["team:quality-engineering"],
    pool="warehouse",  # what is deleted leaves the disk at once, and the marts are built: nobody may be reading
)
def retention(context: dg.AssetExecutionContext, goldworks: Goldworks) -> dg.MaterializeResult[Any]:
    """What was past the limits of `retention.yml` and was deleted, with the old files' bytes, and what a hold kept. The marts are
    made anew from what is left.
    """
    with retry_when_away(context):
        report = enforce_in(goldworks.home)
    return dg.MaterializeResult(
        metadata={
            "rows_deleted": sum(report.deleted.values()),
            "by_partition": markdown_table(report.rows, COLUMNS, 60),
            "by_table": markdown_table(by_table(report.rows), ("table", "which", "deleted", "kept_by_hold")),
            "holds": "\n".join(by_hold(report.held, report.idle)) or "none",
        }
    )
