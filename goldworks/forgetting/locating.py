"""Where the subject of an order stands: read once, before anything is deleted, and kept in the order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from goldworks.evaluation.answers import TEXTS
from goldworks.forgetting.lineage import Lineage
from goldworks.forgetting.texts import Values, changed, known_of
from goldworks.golden.case import case_of
from goldworks.golden.redacting import Redactor, redact_again
from goldworks.lake import Lake
from goldworks.orders import Order, Scope

BY_DAY = ("logs.turns", "logs.messages", "logs.entities")
ANSWER_COLUMNS = ("run_id", "case_id", "repeat", *TEXTS, "cluster_id", "conversation_id")


def locate(lake: Lake, order: Order, redactor: Redactor) -> Order:
    """The order with every place in its scope."""
    if order.is_located:
        return order
    scope = order.scope
    lineage = Lineage(lake)
    whole = _whole(lake, scope.conversations, lineage)
    part = _part(lake, scope.values, lineage, redactor, set(whole.cases))
    conversations = {*scope.conversations, *scope.values}
    days = scope.days if "logs" in order.done else days_of(lake, conversations, scope.cut)
    located = msgspec.structs.replace(
        scope,
        cases=tuple(sorted({*scope.cases, *whole.cases})),
        days=days,
        candidates=part.candidates,
        versions=tuple(sorted({*whole.versions, *part.versions})),
        runs=tuple(sorted({*whole.runs, *part.runs})),
    )
    return msgspec.structs.replace(order, scope=located, is_located=True)


def _whole(lake: Lake, conversations: Collection[str], lineage: Lineage) -> Scope:
    """Cases, versions and runs that lose something when these conversations go."""
    if not conversations:
        return Scope()
    cases = lineage.made_from(conversations)
    return Scope(cases=cases, versions=versions_with(lake, cases), runs=runs_with(lake, cases, conversations))


def _part(lake: Lake, values: Values, lineage: Lineage, redactor: Redactor, gone: set[str]) -> Scope:
    """Versions and runs and proposed cases in whose texts one of these values is found."""
    if not values:
        return Scope()
    units = set(values)
    touched = {case_id for case_id in lineage.conversations if case_id not in gone and lineage.units(case_id) & units}
    proposed = _differing(lake, "golden.candidates", touched, values, lineage, redactor)
    differing = _differing(lake, "golden.cases", touched, values, lineage, redactor)
    versions = {row["version_id"] for row in differing}
    candidates = {row["case_id"] for row in proposed}
    answers = lake.rows("evals.answers", ANSWER_COLUMNS) if lake.exists("evals.answers") else []
    wanted = [row for row in answers if units.intersection(lineage.answer_units(row))]
    found = changed(wanted, TEXTS, lambda row: known_of(values, lineage.answer_units(row)), redactor)
    runs = {row["run_id"] for row in found.values()}
    # a run's page quotes the questions of its version, so it is written anew as well
    shown = {(row["version_id"], row["case_id"]) for row in differing}
    versions_of = {row["run_id"]: row["version_id"] for row in lake.rows("evals.runs", ["run_id", "version_id"])}
    runs |= {row["run_id"] for row in answers if (versions_of.get(row["run_id"], ""), row["case_id"]) in shown}
    return Scope(candidates=tuple(sorted(candidates)), versions=tuple(sorted(versions)), runs=tuple(sorted(runs)))


def _differing(
    lake: Lake, key: str, case_ids: Collection[str], values: Values, lineage: Lineage, redactor: Redactor
) -> list[dict[str, Any]]:
    """Rows of cases that change when the values are taken out of them."""
    rows = lake.rows(key, where=[("case_id", "in", sorted(case_ids))])
    cases = [case_of(row) for row in rows]
    known = [known_of(values, lineage.units(case.case_id)) for case in cases]
    after = redact_again(cases, known, redactor) if cases else []
    return [row for row, case, new in zip(rows, cases, after, strict=True) if new != case]


def days_of(lake: Lake, conversations: Collection[str], cut: Sequence[str] = ()) -> tuple[str, ...]:
    """Arrival days that hold rows of these conversations, or entities with one of the hashes `cut`."""
    where = [("conversation_id", "in", sorted(conversations))]
    tables = [lake.read(key, ["arrived_on"], where) for key in BY_DAY]
    tables.append(lake.read("logs.entities", ["arrived_on"], [("value_hash", "in", sorted(cut))]))
    return tuple(sorted({day for table in tables for day in table.column(0).to_pylist()}))


def versions_with(lake: Lake, cases: Collection[str]) -> tuple[str, ...]:
    """Minted versions that hold any of these cases."""
    rows = lake.read("golden.cases", ["version_id"], [("case_id", "in", sorted(cases))])
    return tuple(sorted(set(rows.column(0).to_pylist())))


def runs_with(lake: Lake, cases: Collection[str], conversations: Collection[str]) -> tuple[str, ...]:
    """Evaluation runs with answers to any of these cases, or found in any of these conversations."""
    found: set[str] = set()
    for column, wanted in (("case_id", cases), ("cluster_id", conversations), ("conversation_id", conversations)):
        where: list[tuple[str, str, Any]] = [(column, "in", sorted(wanted))]
        found.update(lake.read("evals.answers", ["run_id"], where).column(0).to_pylist())
    return tuple(sorted(found))
