"""The check of a pull request: is anything shown to be worse? It is asked of a part of a golden version, and releases nothing.

The part was drawn to rule out one loss (`smoke`), so comparisons with the baseline are judged by that margin, and bans as ever.
What takes the whole set is decided at night: a floor near 100 % that is neither shown nor ruled out here says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from goldworks.release.gate_policy import Gate
from goldworks.release.rows import Evidence
from goldworks.release.verdict import GateVerdict

LEFT_TO_THE_NIGHT = "left_to_the_night"
"""The reason of a gate that a part cannot decide."""

BY_ITS_SIZE = (
    "interval_across_threshold",
    "looks_used_up",
    "n_too_small",
    "n_zero",
    "no_intents",
    "no_repeats",
    "no_variation",
    "thin_coverage",
)
"""Why a gate of an absolute number is open on a part: there are too few cases, or repeats, of what it is about."""
NOT_HERE = ("drift", "judge_not_calibrated", "labels_missing", "labels_not_approved", "measure_missing", "nothing_measured")
"""Why a gate is open in an empty home: what people said of a judge is not there, nor a price, nor cases that ask for a metric."""

MOST_OF_THE_CASES = 0.8
"""A metric that fewer of the part's cases are for cannot be held to the margin which the part was drawn for."""


def margin_here(gate: Gate, evidence: Evidence) -> float:
    """The number that the gate is judged by: of the policy, or of a comparison on a part the loss that the part can rule out."""
    threshold = gate.threshold(evidence.tier)
    assert threshold is not None
    if evidence.smoke_margin is None or gate.kind != "not_worse" or gate.measure is not None:
        return threshold
    return max(threshold, evidence.smoke_margin)


def left_to_the_night(gates: Sequence[GateVerdict], evidence: Evidence) -> tuple[GateVerdict, ...]:
    """The gates of a check: an open one that only the whole set decides is left to it, `not_applicable` here.

    What casts doubt on the runs, and a comparison that the part was drawn for and that stays open, stay open. So does every
    comparison when none was decided: a check that compared nothing has shown nothing.
    """
    comparisons = [gate for gate in gates if _is_comparison(gate)]
    is_compared = not comparisons or any(gate.status in ("pass", "fail") for gate in comparisons)
    return tuple(_left(gate) if _waits(gate, evidence, is_compared=is_compared) else gate for gate in gates)


def _is_comparison(gate: GateVerdict) -> bool:
    return gate.kind == "not_worse" and gate.family != "cost_latency"


def _waits(gate: GateVerdict, evidence: Evidence, *, is_compared: bool) -> bool:
    if gate.status != "inconclusive":
        return False
    if not _is_comparison(gate):
        return gate.reason in (*BY_ITS_SIZE, *NOT_HERE, "interval_across_margin")
    if not is_compared:
        return False
    if gate.estimate is None:
        return gate.reason in NOT_HERE
    asked = len(set(evidence.candidate[gate.suite].clusters.values()))
    return gate.estimate.n_clusters < MOST_OF_THE_CASES * asked


def _left(gate: GateVerdict) -> GateVerdict:
    words = f"decided on the whole set, at night; on this part: {gate.words}"
    return replace(gate, status="not_applicable", reason=LEFT_TO_THE_NIGHT, words=words, settle=None)
