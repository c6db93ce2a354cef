"""Whether the numbers of a gate can be trusted at all. Every doubt makes the gate inconclusive: it never passes by default."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE
from goldworks.release.gate_policy import Gate
from goldworks.release.rows import Drift, Evidence, SuiteRun
from goldworks.statistics.intervals import mcnemar

LABELS_OF_A_CERTIFICATE = 100
"""Labels that a certificate takes at least."""

UNEVEN_BELOW = 0.05
"""p of the exact McNemar test on what is missing, below which the two runs do not lack answers alike."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a gate cannot be decided: a word for machines, a sentence for people, and what to do."""

    reason: str
    words: str
    remedy: str
    labels: int = 0


def doubts(gate: Gate, evidence: Evidence, most_missing_rate: float) -> Iterator[Doubt]:
    """Everything that keeps the gate from being decided, the gravest first. A side that is not there is the only doubt of it."""
    sides = [("release", evidence.release, evidence.candidate.get(gate.suite))]
    if gate.kind == "not_worse":
        sides.append(("baseline", evidence.baseline or "", evidence.base.get(gate.suite)))
    runs: list[SuiteRun] = []
    for side, name, run in sides:
        if run is None and not name:
            words = f"{evidence.release} is the first release that is known, so there is nothing to hold it against"
            yield Doubt("no_baseline", words, "name one: --baseline R; or let a person sign for the first release")
        elif run is None:
            yield Doubt(
                "no_baseline" if side == "baseline" else "no_run",
                f"the {side} {name} has no run of suite {gate.suite}",
                f"goldworks eval run --use-case {evidence.use_case} --suite {gate.suite} --release {name}",
            )
        else:
            runs.append(run)
            yield from _of_run(gate, evidence, run, most_missing_rate)
    if len(runs) == 2:
        yield from _of_pair(gate, evidence, runs[1], runs[0])
    if gate.metric is not None and runs and gate.metric in runs[0].opinions and gate.kind != "flakiness":
        state = evidence.certificates.get(gate.of)
        lacks = evidence.not_approved.get(gate.of, ())
        if state == "not_approved" and lacks:
            why, command = ("; ".join(said) for said in zip(*lacks, strict=True))
            yield Doubt("labels_not_approved", f"{gate.metric} rests on labels that do not count: {why}", command)
        elif (moved := evidence.drifted.get(gate.of)) is not None and _takes_away(moved, state, gate):
            yield Doubt("drift", moved.words, moved.remedy, moved.labels)
        elif state != "valid":
            missing = evidence.labels_missing.get(gate.of, LABELS_OF_A_CERTIFICATE if state is None else 0)
            label = f"label {missing} more answers and certify" if missing else "certify"
            yield Doubt(
                "judge_not_calibrated",
                f"{gate.metric} is an opinion that people have not confirmed (certificate: {state or 'never'})",
                f"{label} the metric, or gate on one that a program decides",
                missing,
            )


def _takes_away(moved: Drift, state: str | None, gate: Gate) -> bool:
    """Of a baseline whose scores moved only from a comparison: people's rate of both sides rests on the same errors."""
    return state == "valid" and gate.kind == "not_worse" if moved.is_of_baseline else state == "drift"


def _of_run(gate: Gate, evidence: Evidence, run: SuiteRun, most_missing_rate: float) -> Iterator[Doubt]:
    again = "make the run again"
    if run.status == "inconclusive" or run.stopped is not None:
        why = f" ({run.stopped})" if run.stopped else ""
        yield Doubt(
            "run_not_complete", f"the run of {run.release} was not completed{why}", f"{again}; it asks for what is missing"
        )
    if evidence.version_id is not None and run.version_id != evidence.version_id:
        yield Doubt(
            "other_golden_version",
            f"the run of {run.release} used {run.version_id}, and {evidence.version_id} is current",
            f"evaluate {run.release} on the current version",
        )
    asked = Counter((row["case_id"], row["repeat"]) for row in run.answers)
    scored = Counter((row["case_id"], row["repeat"]) for row in run.scores if row["metric"] == gate.metric)
    twice = sorted({case for (case, _), times in [*asked.items(), *scored.items()] if times > 1})
    if twice:
        yield Doubt("duplicated_cases", f"{_cases(len(twice))} of {run.release} stand twice, such as {twice[0]}", again)
    strangers = sorted({case for case, _ in asked if case not in run.cases})
    if strangers:
        yield Doubt(
            "unknown_cases",
            f"{_cases(len(strangers))} of {run.release} are not of the golden version, such as {strangers[0]}",
            again,
        )
    absent = sorted(set(run.cases) - {case for case, _ in asked})
    if absent and not run.is_fixed and len(absent) > most_missing_rate * len(run.cases):
        yield Doubt("missing_cases", f"{run.release} was not asked {len(absent)} of {len(run.cases)} cases", again)
    lost = sum(row.get("status", "ok") != "ok" for row in run.answers)
    if lost > most_missing_rate * len(run.answers):
        yield Doubt("too_many_missing", f"{lost} of {len(run.answers)} answers of {run.release} are missing", again)
    if gate.measure is not None:
        yield from _of_measure(gate.measure, run, most_missing_rate)
    if gate.metric is None or gate.kind == "flakiness":
        return
    if whole := run.aggregates.get(gate.metric):
        units = whole.n + whole.n_missing
        if whole.n_missing > most_missing_rate * units:
            words = f"{gate.metric} of {run.release} lacks {whole.n_missing} of the {units} parts that it is made of"
            yield Doubt("too_many_missing", words, again)
    else:
        yield from _of_metric(gate.metric, run, most_missing_rate, again)


def _of_measure(measure: str, run: SuiteRun, most_missing_rate: float) -> Iterator[Doubt]:
    """A cost that nobody knows is not a low one."""
    answered = [row for row in run.answers if row.get("status", "ok") == "ok"]
    lost = sum(row.get(measure) is None for row in answered)
    if not lost or lost <= most_missing_rate * len(answered):
        return
    price = "state the price of its model in policies/prices.yml or its target, or have its replies say what they cost"
    remedy = price if measure == "cost_usd" else f"have its target say the {measure} of its answers"
    yield Doubt("measure_missing", f"{lost} of {len(answered)} answers of {run.release} have no {measure}", remedy)


def _of_metric(metric: str, run: SuiteRun, most_missing_rate: float, again: str) -> Iterator[Doubt]:
    rows = [row for row in run.scores if row["metric"] == metric]
    if not rows:
        yield Doubt("metric_missing", f"the run of {run.release} has no scores of {metric}", again)
        return
    wanted = [row for row in rows if row["reason"] != NOT_APPLICABLE]
    if not wanted:
        yield Doubt(
            "nothing_measured",
            f"no case asks for {metric}",
            "add cases with the expected outcome that it needs: goldworks golden edit",
        )
        return
    odd = [row for row in wanted if row["value"] is not None and not (isfinite(row["value"]) and 0 <= row["value"] <= 1)]
    if odd:
        yield Doubt("not_a_number", f"{len(odd)} scores of {metric} of {run.release} are no numbers of 0..1", again)
    lost = sum(row["value"] is None for row in wanted)
    if lost > most_missing_rate * len(wanted):
        yield Doubt("too_many_missing", f"{lost} of {len(wanted)} scores of {metric} of {run.release} are missing", again)
    unscored = {row["case_id"] for row in run.answers} - {row["case_id"] for row in rows}
    if unscored:
        yield Doubt("missing_cases", f"{_cases(len(unscored))} that {run.release} answered have no score of {metric}", again)


def _of_pair(gate: Gate, evidence: Evidence, base: SuiteRun, candidate: SuiteRun) -> Iterator[Doubt]:
    if base.run_id != candidate.run_id and base.version_id != candidate.version_id:
        yield Doubt(
            "other_golden_version",
            f"{base.release} was asked {base.version_id}, {candidate.release} {candidate.version_id}",
            "evaluate both on one golden version",
        )
    both = common_cases(base, candidate)
    if 2 * len(both) <= max(len(base.clusters), len(candidate.clusters)):
        yield Doubt(
            "not_paired",
            f"{base.release} and {candidate.release} answered only {_cases(len(both))} in common",
            "ask both releases the same cases: live targets, or production sampled for both",
        )
    if gate.metric is None:
        return
    digests = [run.scorer_digests.get(gate.metric) for run in (base, candidate)]
    if digests[0] != digests[1]:
        yield Doubt(
            "other_scorer",
            f"{gate.metric} was computed by other code or settings for {base.release} than for {candidate.release}",
            "score both again with the same suite",
        )
    is_whole = gate.metric in base.aggregates or gate.metric in candidate.aggregates
    uneven = evidence.missing_alone.get(gate.of) or missing_alone(base, candidate, gate.metric)
    if mcnemar(*uneven) < UNEVEN_BELOW:
        yield Doubt(
            "missing_differs",
            f"{uneven[0]} {'parts' if is_whole else 'scores'} are missing for {base.release} alone, {uneven[1]} for "
            f"{candidate.release} alone: no chance",
            "make both runs again, and look at why answers are missing",
        )


def common_cases(base: SuiteRun, candidate: SuiteRun) -> list[str]:
    """Cases that both runs were asked with the same content, sorted."""
    here, there = base.clusters, candidate.clusters
    same = (case for case in here.keys() & there.keys() if _content(base, case) == _content(candidate, case))
    return sorted(same)


def _content(run: SuiteRun, case: str) -> str | None:
    facts = run.cases.get(case)
    return None if facts is None else facts.case_digest


def missing_alone(base: SuiteRun, candidate: SuiteRun, metric: str) -> tuple[int, int]:
    """Values (of an aggregate: parts) of cases that both were asked which only the base lacks, and which only the candidate."""
    both = set(common_cases(base, candidate))
    here, there = (
        {cases: gone for cases, gone in _lost(run, metric).items() if both.issuperset(cases)} for run in (base, candidate)
    )
    every = here.keys() | there.keys()
    lost = [(here.get(cases, False), there.get(cases, False)) for cases in every]
    return sum(a and not b for a, b in lost), sum(b and not a for a, b in lost)


def _lost(run: SuiteRun, metric: str) -> dict[tuple[str, ...], bool]:
    """Whether the value is missing, by case; of an aggregate by the cases that a part of it is made of."""
    if (tally := run.tallies.get(metric)) is not None:
        return {part.cases: part.counts is None for part in tally.parts}
    found: dict[tuple[str, ...], bool] = {}
    for row in run.scores:
        if row["metric"] == metric and row["reason"] != NOT_APPLICABLE:
            case = (row["case_id"],)
            found[case] = found.get(case, True) and row["value"] is None
    return found


def _cases(number: int) -> str:
    return f"{number} case" if number == 1 else f"{number} cases"
