"""The evidence of a judgment, renamed (`names`), as files of plain rows, and back: figures as the judgment stated them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson

from goldworks.release.integrity import missing_alone
from goldworks.release.rows import (
    Calibration,
    CaseFacts,
    Drift,
    Evidence,
    Hits,
    Labelled,
    LabelPrice,
    Look,
    RecordedHit,
    Standing,
    SuiteRun,
)
from goldworks.statistics import Estimate

Files = dict[str, bytes]
SIDES = ("candidate", "base")
INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
PLAIN = ("run_id", "suite", "release", "version_id", "status", "stopped", "repeats", "is_fixed", "seconds")
JUDGED = ("use_case", "tier", "release", "baseline", "version_id", "intents", "certificates", "not_approved", "labels_missing")
LOOKS = ("looks", "passed_over", "gate_looks")
Row = dict[str, Any]


def as_json(value: Any) -> bytes:
    """Sorted, indented JSON."""
    return orjson.dumps(value, option=INDENTED)


def as_lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """JSON lines, sorted."""
    return b"".join(sorted(orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for row in rows))


def lines(data: bytes) -> list[Row]:
    """The rows of JSON lines."""
    return [orjson.loads(line) for line in data.splitlines()]


def to_files(evidence: Evidence) -> Files:
    """`scores.jsonl`, `answers.jsonl`, `cases.jsonl`, `runs.json`, `judged.json` of renamed evidence."""
    scores: list[Row] = []
    answers: list[Row] = []
    cases: dict[tuple[str, str], Row] = {}
    runs: list[Row] = []
    for side, by_suite in zip(SIDES, (evidence.candidate, evidence.base), strict=True):
        for suite, run in sorted(by_suite.items()):
            here = {"side": side, "suite": suite}
            scores += [{**here, **row} for row in run.scores]
            answers += [{**here, **row} for row in run.answers]
            cases |= {
                (run.version_id, case): {"version_id": run.version_id, "case_id": case, **asdict(facts)}
                for case, facts in run.cases.items()
            }
            runs.append(
                {
                    "side": side,
                    **{name: getattr(run, name) for name in PLAIN},
                    "opinions": sorted(run.opinions),
                    "scorer_digests": dict(run.scorer_digests),
                    "aggregates": {name: asdict(one) for name, one in run.aggregates.items()},
                    "flake_rates": {name: asdict(one) for name, one in run.flake_rates.items()},
                    "repeats_missing": dict(run.repeats_missing),
                }
            )
    judged: Row = {name: getattr(evidence, name) for name in JUDGED}
    judged["calibrations"] = {of: asdict(one) for of, one in evidence.calibrations.items()}
    judged |= {"quarantined": {of: sorted(held) for of, held in evidence.quarantined.items()}, "problems": evidence.problems}
    judged["differences"] = {of: asdict(one) for of, one in evidence.differences.items()}
    judged["missing_alone"] = _missing_alone(evidence)
    judged["drifted"] = {of: asdict(one) for of, one in evidence.drifted.items()}
    judged["labelling"] = asdict(evidence.labelling) if evidence.labelling is not None else None
    judged["forbidden"] = {ban: [asdict(one) for one in of] for ban, of in evidence.forbidden.items()}
    judged["recorded_hits"] = {ban: asdict(one) for ban, one in evidence.recorded_hits.items()}
    for name in LOOKS:
        judged[name] = {suite: [asdict(look) for look in looks] for suite, looks in getattr(evidence, name).items()}
    judged["standing"] = {gate: asdict(one) for gate, one in evidence.standing.items()}
    return {
        "scores.jsonl": as_lines(scores),
        "answers.jsonl": as_lines(answers),
        "cases.jsonl": as_lines(cases.values()),
        "runs.json": as_json(runs),
        "judged.json": as_json(judged),
    }


def _missing_alone(evidence: Evidence) -> dict[str, tuple[int, int]]:
    """Of aggregates, whose tallies no pack holds."""
    found = dict(evidence.missing_alone)
    for suite in evidence.candidate.keys() & evidence.base.keys():
        base, candidate = evidence.base[suite], evidence.candidate[suite]
        both = base.tallies.keys() & candidate.tallies.keys()
        found |= {f"{suite}/{metric}": missing_alone(base, candidate, metric) for metric in both}
    return found


def from_files(files: Mapping[str, bytes]) -> Evidence:
    """The evidence that `to_files` wrote. Raises KeyError, TypeError or ValueError for other files."""
    cases: dict[str, dict[str, CaseFacts]] = {}
    for row in lines(files["cases.jsonl"]):
        facts = CaseFacts(row["case_digest"], row["intent"], row["tier"], tuple(row["tags"]))
        cases.setdefault(row["version_id"], {})[row["case_id"]] = facts
    scores, answers = (_by_run(lines(files[name])) for name in ("scores.jsonl", "answers.jsonl"))
    sides: dict[str, dict[str, SuiteRun]] = {side: {} for side in SIDES}
    for row in orjson.loads(files["runs.json"]):
        key = (row["side"], row["suite"])
        sides[row["side"]][row["suite"]] = SuiteRun(
            **{name: row[name] for name in PLAIN},
            opinions=frozenset(row["opinions"]),
            scorer_digests=row["scorer_digests"],
            aggregates={name: Estimate(**one) for name, one in row["aggregates"].items()},
            flake_rates={name: Estimate(**one) for name, one in row["flake_rates"].items()},
            repeats_missing={name: tuple(numbers) for name, numbers in row.get("repeats_missing", {}).items()},
            answers=answers.get(key, []),
            scores=scores.get(key, []),
            cases=cases.get(row["version_id"], {}),
        )
    judged: Row = orjson.loads(files["judged.json"])
    judged["quarantined"] = {of: frozenset(held) for of, held in judged["quarantined"].items()}
    judged["calibrations"] = {
        of: replace(Calibration(**one), labels=tuple(Labelled(**label) for label in one["labels"]))
        for of, one in judged["calibrations"].items()
    }
    judged["problems"] = tuple(judged["problems"])
    judged["not_approved"] = {
        of: tuple((words, command) for words, command in lacks) for of, lacks in judged.get("not_approved", {}).items()
    }
    judged["differences"] = {of: Estimate(**one) for of, one in judged.get("differences", {}).items()}
    judged["missing_alone"] = {of: (here, there) for of, (here, there) in judged.get("missing_alone", {}).items()}
    judged["drifted"] = {of: Drift(**one) for of, one in judged.get("drifted", {}).items()}
    price = judged.get("labelling")
    judged["labelling"] = LabelPrice(**price) if price else None
    judged["forbidden"] = {
        ban: tuple(Hits(one["run_id"], tuple(one["case_ids"])) for one in of) for ban, of in judged.get("forbidden", {}).items()
    }
    judged["recorded_hits"] = {ban: RecordedHit(**one) for ban, one in judged.get("recorded_hits", {}).items()}
    for name in LOOKS:  # packs of before hold none, nor differences nor what is missing in one run alone
        of_suite = judged.get(name, {}).items()
        judged[name] = {suite: _looks(of) for suite, of in of_suite}
    judged["standing"] = {
        gate: Standing(one["row"], _looks(one["looks"]), one["waits_for"]) for gate, one in judged.get("standing", {}).items()
    }
    return Evidence(candidate=sides["candidate"], base=sides["base"], **judged)


def _looks(rows: Iterable[Row]) -> tuple[Look, ...]:
    return tuple(Look(one["on"], tuple(one["run_ids"]), one.get("labels")) for one in rows)


def _by_run(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["case_id"], row["repeat"], row.get("metric") or "")):
        found.setdefault((row["side"], row["suite"]), []).append(row)
    return found
