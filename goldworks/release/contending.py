"""Which runs are compared when choosing, and reading them from the tables."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from goldworks.errors import InputError
from goldworks.evaluation.metrics import case_values
from goldworks.golden.read import latest_version, require_version
from goldworks.lake import Lake
from goldworks.release.choosing import CONFIDENCE
from goldworks.release.contender_rules import advisory, aggregates_over, quarantined
from goldworks.release.contenders import Contender
from goldworks.release.gate_policy import load_gate_policies
from goldworks.release.gathering import ANSWER, SCORE, opinions
from goldworks.release.measuring import measured
from goldworks.release.rows import SuiteRun
from goldworks.use_cases import load_use_cases

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """The runs (rows of `evals.runs`) to choose between, of one suite on one golden version. `notes`: what was passed over."""

    use_case: str
    suite: str
    version_id: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def field_of(
    lake: Lake,
    use_case: str,
    *,
    suite: str | None = None,
    version: str | None = None,
    releases: Collection[str] = (),
    targets: Collection[str] = (),
) -> Field:
    """The newest complete run of each release that is named, of each release that a named target answered for, or, when none
    is named, of every pair of both; on one golden version: `version`, else the current one.

    Raises `InputError` when there is no such version, when what was named has no complete run on it, when the runs are of
    several suites, or when fewer than two remain.
    """
    version_id = version or latest_version(lake, use_case)
    if version_id is None:
        raise InputError(f"use case {use_case} has no golden version", remedy=f"goldworks golden mint {use_case}")
    require_version(lake, version_id)
    known = sorted(lake.rows("evals.runs", where=[("use_case", "=", use_case)]), key=lambda row: (label(row), row["target"]))
    is_named = bool(releases or targets)
    mine = [row for row in known if not is_named or row["release"] in releases or row["target"] in targets]
    mine = [row for row in mine if suite in (None, row["suite"])]
    suites = Counter(row["suite"] for row in mine if row["version_id"] == version_id)
    if len(suites) > 1:
        raise InputError(
            f"the runs of {use_case} are of several suites: {', '.join(sorted(suites))}", remedy="say which: --suite NAME"
        )
    chosen = suite or next(iter(suites), "")
    mine = [row for row in mine if chosen in ("", row["suite"])]
    _require(mine, use_case, version_id, chosen, releases, targets)
    groups: dict[tuple[str, str | None], list[Row]] = {}
    for row in mine:
        groups.setdefault(_group(row, releases, targets), []).append(row)
    found: dict[str, Row] = {}
    notes: list[str] = []
    for group, rows in groups.items():
        here = sorted((row for row in rows if row["version_id"] == version_id), key=lambda row: (row["ended_at"], row["run_id"]))
        complete = [row for row in here if row["status"] == "complete"]
        name = label(rows[-1])
        if not complete:
            why = "has no complete run on this golden version" if here else "was asked other golden versions only"
            notes.append(f"{name} is left out: it {why}")
            continue
        found[complete[-1]["run_id"]] = complete[-1]
        if here[-1] is not complete[-1]:
            notes.append(f"{name}: a newer run is {here[-1]['status']} and was passed over")
        if len(others := sorted({row["target"] for row in complete})) > 1 and group[0] == "release":
            notes.append(f"{name} has runs of the targets {', '.join(others)}: the newest, of {complete[-1]['target']}, is taken")
    if len(found) < 2:
        raise InputError(
            f"{len(found) or 'no'} complete run{'' if len(found) == 1 else 's'} of {use_case} on {version_id}"
            f"{f', suite {chosen}' if chosen else ''}: there is nothing to choose between" + "".join(f"; {one}" for one in notes),
            remedy=f"ask each the same version: goldworks eval run --use-case {use_case} --target NAME --version {version_id}",
        )
    return Field(use_case, chosen, version_id, tuple(found.values()), tuple(notes))


def _group(row: Row, releases: Collection[str], targets: Collection[str]) -> tuple[str, str | None]:
    """Runs of which one is taken: those of a named release, else those of the same target and release."""
    if row["release"] in releases and row["target"] not in targets:
        return "release", row["release"]
    return f"target:{row['target']}", row["release"]


def _require(
    rows: Sequence[Row], use_case: str, version_id: str, suite: str, releases: Collection[str], targets: Collection[str]
) -> None:
    """Each that was named by its name must have a complete run on the version; otherwise it is said what it has."""
    wanted = [("release", name) for name in dict.fromkeys(releases)] + [("target", name) for name in dict.fromkeys(targets)]
    elsewhere: list[str] = []
    for kind, name in wanted:
        own = [row for row in rows if row[kind] == name]
        here = [row for row in own if row["version_id"] == version_id]
        if not own:
            known = f" of suite {suite}" if suite else ""
            raise InputError(f"{kind} {name} of {use_case} has no run{known}", remedy="goldworks eval list")
        if not here:
            newest = max(own, key=lambda row: row["ended_at"])
            elsewhere.append(f"{kind} {name} on {newest['version_id']}")
        elif all(row["status"] != "complete" for row in here):
            newest = max(here, key=lambda row: row["ended_at"])
            raise InputError(
                f"the run of {kind} {name} is {newest['status']}: {newest['missing']} answers are missing, seldom by chance",
                remedy="make the same run again, it asks for the missing ones only: goldworks eval run --help",
            )
    if elsewhere:
        raise InputError(
            f"the runs are on different golden versions: {', '.join(elsewhere)}, not on {version_id}",
            remedy=f"ask it that version: goldworks eval run --use-case {use_case} --version {version_id}; or choose on another: "
            "--version",
        )


def label(row: Row) -> str:
    """What a run is called: its release, else its target."""
    return row["release"] or row["target"]


def contenders_of(
    lake: Lake, expectations: Path, field: Field, metric: str, now: dt.datetime
) -> tuple[list[Contender], list[str]]:
    """The runs read, and notes. A metric that was computed by different code for two of them is left out, and so are cases in
    quarantine, by metric.

    Raises `InputError` when the main one is of different code.
    """
    twice = Counter(label(row) for row in field.rows)
    scores = {row["run_id"]: lake.rows("evals.scores", SCORE, [("run_id", "=", row["run_id"])]) for row in field.rows}
    digests: dict[str, set[str]] = {}
    for rows in scores.values():
        for row in rows:
            digests.setdefault(row["metric"], set()).add(row["scorer_digest"])
    changed = sorted(name for name, seen in digests.items() if len(seen) > 1)
    if metric in changed:
        raise InputError(
            f"{metric} was computed by other code or settings for one of the runs than for another",
            remedy="score them again with the same suite: goldworks eval run, for each of them",
        )
    runs = {row["run_id"]: _read(lake, row, scores[row["run_id"]]) for row in field.rows}
    asked = {run_id: run.clusters for run_id, run in runs.items()}
    every = {one["metric"] for row in field.rows for one in orjson.loads(row["config"])["suite"].get("aggregates", ())}
    held, notes = quarantined(lake, expectations, field.version_id, {*digests, *every} - {*changed}, now.date())
    aggregates = aggregates_over(lake, field.rows, asked, held, CONFIDENCE)
    unconfirmed = advisory(lake, expectations, field.use_case, field.rows, now)
    found: list[Contender] = []
    for row in field.rows:
        run, name = runs[row["run_id"]], label(row)
        counted = (
            one
            for one in run.scores
            if one["metric"] not in changed and one["case_id"] not in held.get(one["metric"], frozenset())
        )
        found.append(
            Contender(
                name=name if twice[name] == 1 else f"{name} · {row['target']}",
                run_id=run.run_id,
                clusters=run.clusters,
                values=case_values(counted),
                latency_ms=measured(run, "latency_ms"),
                cost_usd=measured(run, "cost_usd"),
                is_recorded=run.is_fixed,
                opinions=run.opinions,
                advisory=unconfirmed,
                quarantined=held,
                aggregates=aggregates[run.run_id],
                facts={"release": row["release"], "target": row["target"], "kind": row["target_kind"], "repeats": run.repeats},
            )
        )
    if changed:
        notes.append(f"left out, for they were computed by different code or settings: {', '.join(changed)}")
    repeats = sorted({row["repeats"] for row in field.rows})
    if len(repeats) > 1:
        notes.append(f"the runs have different repeats ({', '.join(map(str, repeats))}); those of a case are averaged first")
    return found, notes


def _read(lake: Lake, row: Row, scores: Sequence[Row]) -> SuiteRun:
    answers = lake.rows("evals.answers", ANSWER, [("run_id", "=", row["run_id"])])
    return SuiteRun(
        run_id=row["run_id"],
        suite=row["suite"],
        release=label(row),
        version_id=row["version_id"],
        status=row["status"],
        answers=answers,
        scores=scores,
        cases={},
        repeats=row["repeats"],
        is_fixed=row["target_kind"] == "recorded",
        opinions=opinions(orjson.loads(row["config"])["suite"]),
    )


def main_metric(lake: Lake, expectations: Path, field: Field, now: dt.datetime) -> str:
    """The metric that is chosen by when none is named: the first of this suite that a gate for the use case looks at, without
    such a gate the suite's first. Of those that every run measured, one that people have not confirmed only when there is no
    other; aggregates of a run are not compared here.

    Raises `InputError` when the runs have no metric in common.
    """
    measured: list[set[str]] = []
    for row in field.rows:
        rows = lake.rows("evals.scores", ["metric", "value"], [("run_id", "=", row["run_id"])])
        measured.append({one["metric"] for one in rows if one["value"] is not None})
    common = set.intersection(*measured)
    if not common:
        raise InputError("the runs measured no metric in common", remedy="make runs of the same suite: goldworks eval list")
    common = (common - advisory(lake, expectations, field.use_case, field.rows, now)) or common
    tier = load_use_cases(expectations / "use_cases.yml").get(field.use_case).tier
    policies = [
        one
        for one in load_gate_policies(expectations)
        if tier in one.tiers and any(fnmatch.fnmatchcase(field.use_case, glob) for glob in one.use_cases)
    ]
    gates = [
        gate
        for policy in sorted(policies, key=lambda one: field.use_case not in one.use_cases)
        for gate in policy.at_tier(tier)
        if gate.suite == field.suite and gate.metric in common
    ]
    gated = next((gate.metric for gate in gates if gate.metric is not None), None)
    if gated is not None:
        return gated
    config = orjson.loads(field.rows[0]["config"])
    return next(one["metric"] for one in config["suite"]["metrics"] if one["metric"] in common)
