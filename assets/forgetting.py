"""Between logs and golden sets: values that were recognised late are followed into what was made before, and erasures that were
cut short are finished. Also the wiring of the places that forget, for this asset and for `goldworks erase`.
"""

from typing import Any

import dagster as dg

from assets.presenting import markdown_table
from assets.resources import DBT_PROJECT, Goldworks
from assets.retries import retry_when_away
from goldworks.access.vault import Vault
from goldworks.adapters.caches_forgetting import HashCaches
from goldworks.adapters.events_forgetting import Events
from goldworks.adapters.tracking import MlflowTracking
from goldworks.adapters.tracking_forgetting import Experiments
from goldworks.adapters.warehouse import Warehouse
from goldworks.adapters.warehouse_forgetting import Marts
from goldworks.forgetting.answers import Evaluations
from goldworks.forgetting.carrying_out import Closed, Forgetting
from goldworks.forgetting.golden import GoldenSets
from goldworks.forgetting.kept_values import KeptValues
from goldworks.forgetting.leak_audits import LeakAudits
from goldworks.forgetting.logs import Logs
from goldworks.forgetting.reviews import Reviews
from goldworks.home import Home


def forgetting_of(home: Home) -> Forgetting:
    """All places of a home, in the order in which they forget."""
    lake, redactor = home.lake, home.redactor
    holders = (
        GoldenSets(lake, home.key, redactor),
        Evaluations(lake, redactor),
        KeptValues(lake, Vault(home.root)),
        LeakAudits(lake),
        Reviews(lake),
        Logs(lake, redactor, home.key),
        Experiments(lake, MlflowTracking(home.root, home.settings.expectations)),
        Events(home.dagster),
        HashCaches(home.cache),
        Marts(Warehouse(home.root, DBT_PROJECT, home.settings.expectations)),
    )
    return Forgetting(lake, redactor, holders, home.signer, home.audit_log.append, home.suppressions)


@dg.asset(
    key=["logs", "forgotten"],
    deps=[["logs", name] for name in ("turns", "messages", "entities", "conversations")],
    group_name="logs",
    kinds={"python"},
    owners=["team:quality-engineering"],
    pool="warehouse",  # what is rewritten leaves the disk at once: nobody may be reading it
)
def forgotten(context: dg.AssetExecutionContext, goldworks: Goldworks) -> dg.MaterializeResult[Any]:
    """Open orders of forgetting, carried out: a value that an intake recognised late leaves candidates, versions, answers, MLflow
    and previews made before; an erasure that was cut short is finished. The marts follow in the same run.
    """
    home = goldworks.home
    with retry_when_away(context):
        closed = forgetting_of(home).finish_open(without=("marts",)) if has_open_orders(home) else []
    rows = [_row(one) for one in closed]
    columns = ("order", "conversations", "versions", "runs", "certificate")
    return dg.MaterializeResult(metadata={"orders": len(rows), "carried_out": markdown_table(rows, columns)})


def has_open_orders(home: Home) -> bool:
    """Whether anything waits; costs one look at a folder."""
    return any((home.root / "forgetting").glob("*.json"))


def _row(closed: Closed) -> dict[str, Any]:
    scope = closed.order.scope
    return {
        "order": closed.order.order_id,
        "conversations": len({*scope.conversations, *scope.values}),
        "versions": len(closed.order.successors),
        "runs": len(scope.runs),
        "certificate": closed.certificate.name if closed.certificate else "",
    }
