"""The gates of kind `ban`: a forbidden case fails the release, in whichever of its runs it is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from goldworks.release.gate_policy import Gate
from goldworks.release.integrity import Doubt
from goldworks.release.measuring import PASS_AT, worst_of_repeats
from goldworks.release.rows import Evidence, SuiteRun
from goldworks.release.verdict import GateVerdict, Settle
from goldworks.release.wording import ban_words, further_ban_words, recorded_ban_words

HOLDING_UNDER_DOUBT = ("too_many_missing", "missing_cases", "run_not_complete", "missing_differs", "no_baseline")
"""Doubts under which a case that a ban forbids is a failure all the same: more answers could not take it back."""

OF_OPINIONS = ("labels_not_approved", "drift", "judge_not_calibrated")
"""Doubts about what a metric says of any run. The others are about the run that speaks, and excuse no further one."""


def forbidden_case(gate: Gate, evidence: Evidence, open_: GateVerdict, found: Sequence[Doubt]) -> GateVerdict | None:
    """The failure of a ban, if there is one that no doubt can excuse: in the run that speaks, else in the first further one that
    has too many, else in what an earlier judgment found. Each run is counted by itself, so that a ban which lets cases miss lets
    them miss in each.
    """
    run = evidence.candidate.get(gate.suite)
    if run is None or gate.metric is None:
        return None
    if all(doubt.reason in HOLDING_UNDER_DOUBT for doubt in found):
        hits, cases = _hits(gate, run)
        if len(hits) > open_.threshold:
            return replace(open_, status="fail", words=ban_words(gate, hits, cases, open_.threshold))
    if any(doubt.reason in OF_OPINIONS for doubt in found):
        return None
    for further in evidence.forbidden.get(gate.gate, ()):
        if len(further.case_ids) > open_.threshold:
            return replace(open_, status="fail", words=further_ban_words(further, open_.threshold))
    recorded = evidence.recorded_hits.get(gate.gate)
    return None if recorded is None else replace(open_, status="fail", words=recorded_ban_words(recorded, open_.threshold))


def without_forbidden(gate: Gate, evidence: Evidence, open_: GateVerdict) -> GateVerdict:
    """The pass of a ban that nothing failed; open when it is about no case."""
    hits, cases = _hits(gate, evidence.candidate[gate.suite])
    if not cases:
        settle = Settle("add such cases, or take the tags out of the gate")
        return replace(open_, reason="nothing_measured", words="cannot be judged: no case has one of its tags", settle=settle)
    return replace(open_, status="pass", words=ban_words(gate, hits, cases, open_.threshold))


def _hits(gate: Gate, run: SuiteRun) -> tuple[list[str], int]:
    assert gate.metric is not None
    worst = worst_of_repeats(run, gate.metric, gate.tags)
    return [case for case, value in worst.items() if value is not None and value < PASS_AT], len(worst)
