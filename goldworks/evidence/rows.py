"""The evidence of a judgment as files of plain rows, and back. Cases are named by rank and content digest, clusters by rank.

Ranks keep the order of the ids they stand for, so resampling draws the same and the figures are those of `goldworks gate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson

from goldworks.release.integrity import missing_alone
from goldworks.release.rows import Calibration, CaseFacts, Drift, Evidence, Hits, Labelled, LabelPrice, Look, SuiteRun
from goldworks.statistics import Estimate

Files = dict[str, bytes]
SIDES = ("candidate", "base")
INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
ANSWER = ("repeat", "status", "latency_ms", "first_token_ms", "input_tokens", "output_tokens", "cost_usd")
SCORE = ("repeat", "metric", "value", "reason", "scorer_digest")
PLAIN = ("run_id", "suite", "release", "version_id", "status", "stopped", "repeats", "is_fixed", "seconds")
JUDGED = ("use_case", "tier", "release", "baseline", "version_id", "intents", "certificates", "not_approved", "labels_missing")
LOOKS = ("looks", "passed_over")
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


def renamed(evidence: Evidence) -> Evidence:
    """The same with pseudonyms for cases and clusters, in the order of what they stand for."""
    runs = [run for side in (evidence.candidate, evidence.base) for run in side.values()]
    digests = {case: facts.case_digest for run in reversed(runs) for case, facts in run.cases.items()}
    hits = {case for of in evidence.forbidden.values() for one in of for case in one.case_ids}
    every = sorted({*digests, *(row["case_id"] for run in runs for row in (*run.answers, *run.scores)), *hits})
    cases = {case: f"{rank:06}-{_short(digests.get(case, ''))}" for rank, case in enumerate(every)}
    groups = sorted({group for run in runs for group in run.clusters.values()})
    clusters = {group: f"k{rank:06}" for rank, group in enumerate(groups)}
    elsewhere = {label.cluster for one in evidence.calibrations.values() for label in one.labels} - set(clusters)
    groups_of_labels = clusters | {group: f"l{rank:06}" for rank, group in enumerate(sorted(elsewhere))}
    return replace(
        evidence,
        candidate={suite: _run(run, cases, clusters) for suite, run in evidence.candidate.items()},
        base={suite: _run(run, cases, clusters) for suite, run in evidence.base.items()},
        calibrations={of: _calibration(one, cases, groups_of_labels) for of, one in evidence.calibrations.items()},
        quarantined={of: frozenset(cases[one] for one in held if one in cases) for of, held in evidence.quarantined.items()},
        forbidden={
            ban: tuple(replace(one, case_ids=tuple(cases[case] for case in one.case_ids)) for one in of)
            for ban, of in evidence.forbidden.items()
        },
        problems=tuple(_named(problem, cases) for problem in evidence.problems),
    )


def _short(digest: str) -> str:
    return digest[:12] or "unknown"


def _named(words: str, cases: Mapping[str, str]) -> str:
    return " ".join(cases.get(word, word) for word in words.split(" "))


def _run(run: SuiteRun, cases: Mapping[str, str], clusters: Mapping[str, str]) -> SuiteRun:
    of_case = run.clusters
    answers = [
        {
            **{name: row.get(name) for name in ANSWER},
            "case_id": cases[row["case_id"]],
            "cluster_id": clusters[of_case[row["case_id"]]],
        }
        for row in run.answers
    ]
    scores = [{**{name: row.get(name) for name in SCORE}, "case_id": cases[row["case_id"]]} for row in run.scores]
    facts = {cases[case]: one for case, one in run.cases.items()}
    tallies = {
        metric: replace(tally, parts=tuple(replace(part, cases=tuple(cases[one] for one in part.cases)) for part in tally.parts))
        for metric, tally in run.tallies.items()
    }
    return replace(run, answers=answers, scores=scores, cases=facts, tallies=tallies)


def _calibration(one: Calibration, cases: Mapping[str, str], clusters: Mapping[str, str]) -> Calibration:
    """Labels of answers that the run's rows do not hold stay, as those of elsewhere."""
    labels = (
        replace(label, cluster=clusters[label.cluster], case_id=cases.get(label.case_id) if label.case_id is not None else None)
        for label in one.labels
    )
    return replace(one, labels=tuple(labels))


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
    for name in LOOKS:
        judged[name] = {suite: [asdict(look) for look in looks] for suite, looks in getattr(evidence, name).items()}
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
        of: Calibration(
            one["fails_up_to"], one["is_graded"], tuple(Labelled(**label) for label in one["labels"]), one["certificate_id"]
        )
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
    for name in LOOKS:  # packs of before hold none, nor differences nor what is missing in one run alone
        of_suite = judged.get(name, {}).items()
        judged[name] = {suite: tuple(Look(one["on"], tuple(one["run_ids"])) for one in of) for suite, of in of_suite}
    return Evidence(candidate=sides["candidate"], base=sides["base"], **judged)


def _by_run(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["case_id"], row["repeat"], row.get("metric") or "")):
        found.setdefault((row["side"], row["suite"]), []).append(row)
    return found
