"""Rows of tables that a judgment reads of earlier and further runs: noted as they are read, and read again from a pack.

Of a run its place and time, of a judgment how its gates came out, of a score its value: no texts, and no names of people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson

from goldworks.evidence.names import Names
from goldworks.lake import Lake, Where
from goldworks.release.looks import COLUMNS as VERDICTS
from goldworks.release.recorded_hits import COLUMNS as OF_BANS
from goldworks.release.rows import Evidence

Row = dict[str, Any]

KEYS = {
    "evals.runs": ("run_id",),
    "release.verdicts": ("judgment_id", "gate"),
    "evals.scores": ("run_id", "case_id", "repeat", "metric"),
    "golden.versions": ("version_id",),
}
COLUMNS = {
    "evals.runs": [
        *("run_id", "release", "suite", "version_id", "occasion", "ended_at", "status", "repeats", "target_kind"),
        *("config_digest", "config"),
    ],
    "release.verdicts": [*VERDICTS, *(name for name in OF_BANS if name not in VERDICTS)],
    "evals.scores": ["run_id", "case_id", "repeat", "metric", "value", "reason"],
    "golden.versions": ["version_id", "use_case", "parent_version_id", "is_tombstone", "minted_at", "current_at", "smoke_margin"],
}
OF_JUDGMENT = ("judgment_id", "baseline", "version_id", "run_ids")
MOMENTS = ("judged_at", "first_judged_at")
OF_GATE = tuple(name for name in COLUMNS["release.verdicts"] if name not in (*OF_JUDGMENT, *MOMENTS, "release", "gate"))
ASKED_FOR = ("kind", "suite", "status", "reason", "threshold", "scorer_digest")
"""Of a gate of an earlier judgment, with whether it had a value: enough for all but those of which a figure may stand."""


class Noting:
    """Reads a lake, and notes the rows that were read of the tables in `COLUMNS`; of scores those of other runs than `known`, and
    when all were read those of `metrics`.
    """

    def __init__(self, lake: Lake, metrics: Collection[str], known: Collection[str]) -> None:
        self._lake, self._metrics, self._known = lake, metrics, known
        self._noted: dict[str, dict[tuple[Any, ...], Row]] = {key: {} for key in KEYS}

    def rows(self, key: str, columns: Sequence[str] | None = None, where: Where | None = None) -> list[Row]:
        """See `Lake.rows`."""
        if key in KEYS:
            is_of_all = not any(column == "metric" for column, _, _ in where or ())
            for row in self._lake.rows(key, COLUMNS[key], where):
                if key == "evals.scores" and (row["run_id"] in self._known or (is_of_all and row["metric"] not in self._metrics)):
                    continue
                self._noted[key][tuple(row[name] for name in KEYS[key])] = row
        return self._lake.rows(key, columns, where)

    def noted(self, key: str) -> list[Row]:
        """What was read of a table, by its key."""
        return [row for _, row in sorted(self._noted[key].items())]


def shipped_runs(rows: Iterable[Row], gated: Collection[str]) -> list[Row]:
    """Of runs what decides which of them speak; of their digests those of `gated` metrics (`suite/metric`)."""
    return [
        {
            **{name: row[name] for name in COLUMNS["evals.runs"] if name != "config"},
            "ended_at": row["ended_at"].isoformat(),
            "target_kind": "recorded" if row["target_kind"] == "recorded" else "asked",
            "scorer_digests": {
                metric: digest
                for metric, digest in orjson.loads(row["config"]).get("scorer_digests", {}).items()
                if f"{row['suite']}/{metric}" in gated
            },
        }
        for row in rows
    ]


def shipped_versions(rows: Iterable[Row], use_case: str) -> list[Row]:
    """Of golden versions of the use case which took the place of which."""
    return [
        {
            name: value.isoformat() if isinstance(value, dt.datetime) else value
            for name, value in row.items()
            if name != "use_case"
        }
        for row in rows
        if row["use_case"] == use_case
    ]


def shipped_judgments(rows: Iterable[Row], standing: Collection[str]) -> list[Row]:
    """Of judgments when each was made first, on which runs, and how its gates came out; with the figures of gates in `standing`.

    Words of other gates may name cases.
    """
    found: dict[str, Row] = {}
    for row in rows:
        first: dt.datetime = row["first_judged_at"] or row["judged_at"]
        head = {name: row[name] for name in OF_JUDGMENT}
        one = found.setdefault(row["judgment_id"], {**head, "first_judged_at": first.isoformat(), "gates": {}})
        asked = {name: row[name] for name in (OF_GATE if row["gate"] in standing else ASKED_FOR)}
        one["gates"][row["gate"]] = {"has_value": row["value"] is not None, **asked}
    return list(found.values())


def shipped_scores(rows: Iterable[Row], names: Names) -> list[Row]:
    """Of scores a row per run and metric, in which case, repeat, value and reason of each are a list."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        head = {"run_id": row["run_id"], "metric": row["metric"], "scores": []}
        one = found.setdefault((row["run_id"], row["metric"]), head)
        one["scores"].append([names.cases[row["case_id"]], row["repeat"], row["value"], row["reason"]])
    return list(found.values())


class Shipped:
    """Reads what a pack holds of the tables: the rows as `Noting` noted them, and those of the runs that speak."""

    def __init__(
        self,
        evidence: Evidence,
        policy_digest: str,
        *,
        runs: Iterable[Row],
        judgments: Iterable[Row],
        scores: Iterable[Row],
        versions: Iterable[Row],
    ) -> None:
        of_all = {"use_case": evidence.use_case}
        speaks = [run for side in (evidence.candidate, evidence.base) for run in side.values()]
        self._rows: Mapping[str, list[Row]] = {
            "evals.runs": [{**of_all, **_run(row)} for row in runs],
            "release.verdicts": [
                {**of_all, "release": evidence.release, "policy_digest": policy_digest, **row}
                for one in judgments
                for row in _verdicts(one)
            ],
            "evals.scores": [
                *({"run_id": run.run_id, **row} for run in speaks for row in run.scores),
                *(row for one in scores for row in _scores(one)),
            ],
            "golden.versions": [{**of_all, **_version(row)} for row in versions],
            "evals.answers": [{"run_id": run.run_id, **row} for run in speaks for row in run.answers],
        }

    def rows(self, key: str, columns: Sequence[str] | None = None, where: Where | None = None) -> list[Row]:
        """See `Lake.rows`."""
        found = [
            row for row in self._rows[key] if all(_holds(row[name], operator, value) for name, operator, value in where or ())
        ]
        return found if columns is None else [{name: row[name] for name in columns} for row in found]


def _holds(value: Any, operator: str, other: Any) -> bool:
    match operator:
        case "=":
            return value == other
        case "in":
            return value in other
        case "<":
            return value is not None and value < other
        case _:
            raise ValueError(f"a pack is not asked by {operator!r}")


def _run(row: Row) -> Row:
    config = orjson.dumps({"scorer_digests": row["scorer_digests"]}).decode()
    return {**row, "ended_at": dt.datetime.fromisoformat(row["ended_at"]), "config": config}


def _version(row: Row) -> Row:
    moments = {name: dt.datetime.fromisoformat(row[name]) for name in ("minted_at", "current_at") if row[name] is not None}
    return {**row, **moments}


def _verdicts(one: Row) -> Iterable[Row]:
    first = dt.datetime.fromisoformat(one["first_judged_at"])
    head = {**{name: one[name] for name in OF_JUDGMENT}, **dict.fromkeys(MOMENTS, first)}
    for gate, found in one["gates"].items():
        asked = {**dict.fromkeys(OF_GATE), "value": 0.0 if found["has_value"] else None, **found}
        yield {**head, "gate": gate, **asked}


def _scores(one: Row) -> Iterable[Row]:
    for case_id, repeat, value, reason in one["scores"]:
        head = {"run_id": one["run_id"], "metric": one["metric"]}
        yield {**head, "case_id": case_id, "repeat": repeat, "value": value, "reason": reason}
