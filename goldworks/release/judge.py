"""The verdict about a release: pass, fail or inconclusive for each gate and in all, with the numbers and what would settle it.

A pure function of plain rows. Whatever is doubtful is inconclusive; what was accepted by people comes after, in `accepting`.
"""

from __future__ import annotations

from dataclasses import replace

from goldworks.release.gate_policy import Gate, GatePolicy
from goldworks.release.integrity import Doubt, doubts
from goldworks.release.measuring import CONFIDENCE, absolute, relative, worst_of_repeats
from goldworks.release.rows import Evidence
from goldworks.release.settling import reachable_margin, settle_absolute, settle_flakiness, settle_relative
from goldworks.release.verdict import GateVerdict, Settle, Status, Verdict, whole
from goldworks.release.wording import (
    absolute_words,
    ban_words,
    coverage_words,
    relative_words,
)
from goldworks.statistics import Estimate

PASS_AT = 0.5
"""A case of a ban fails below this score."""

HOLDING_UNDER_DOUBT = ("too_many_missing", "missing_cases", "run_not_complete", "missing_differs", "no_baseline")
"""Doubts under which a case that a ban forbids is a failure all the same: more answers could not take it back."""


def judge(policy: GatePolicy, evidence: Evidence) -> Verdict:
    """Judge a release by the gates of its tier.

    - at_least `t`: pass if L >= t, fail if U < t; at_most: pass if U <= t, fail if L > t; not_worse: pass if L > -margin, fail
      if U < -margin (L..U: two-sided 90 %, so each end is a one-sided 95 % bound); else inconclusive.
    - Every gate must pass, so no correction for their number is due: none makes a false pass likelier.
    - In all: the worst of the gates.
    """
    gates = tuple(_judge(gate, evidence, policy) for gate in policy.at_tier(evidence.tier))
    runs = {**evidence.base, **evidence.candidate}
    ids = sorted({run.run_id for side in (evidence.base, evidence.candidate) for run in side.values() if run.suite in runs})
    return Verdict(
        evidence.use_case,
        evidence.tier,
        evidence.release,
        evidence.baseline,
        policy.name,
        policy.digest,
        evidence.version_id,
        tuple(ids),
        whole(gates),
        gates,
        evidence.problems,
    )


def _judge(gate: Gate, evidence: Evidence, policy: GatePolicy) -> GateVerdict:
    threshold = gate.threshold(evidence.tier)
    assert threshold is not None
    open_ = GateVerdict(
        gate.gate, gate.family, gate.kind, gate.suite, gate.metric or gate.measure or "intents", "inconclusive", threshold, ""
    )
    found = list(doubts(gate, evidence, policy.most_missing_rate))
    if gate.kind == "ban":
        hit = _forbidden(gate, evidence, open_, found)
        if hit is not None:
            return hit
    if found:
        return _doubted(open_, found)
    match gate.kind:
        case "at_least" | "at_most":
            return _absolute(gate, evidence, open_)
        case "not_worse":
            return _relative(gate, evidence, open_)
        case "ban":
            return _ban(gate, evidence, open_)
        case "coverage":
            return _coverage(gate, evidence, open_)
        case "flakiness":
            return _flakiness(gate, evidence, open_)


def _doubted(open_: GateVerdict, found: list[Doubt]) -> GateVerdict:
    first = found[0]
    words = "; ".join(dict.fromkeys(doubt.words for doubt in found))
    tags = tuple(dict.fromkeys(doubt.reason for doubt in found[1:] if doubt.reason != first.reason))
    return replace(open_, reason=first.reason, words=f"cannot be judged: {words}", settle=Settle(first.remedy), tags=tags)


def _undefined(open_: GateVerdict, estimate: Estimate) -> GateVerdict:
    reason = estimate.reason or "no_interval"
    words = f"cannot be judged: {estimate.n} cases in {estimate.n_clusters} independent groups give no interval ({reason})"
    return replace(open_, estimate=estimate, reason=reason, words=words, settle=Settle("add cases that the metric is for"))


def three_way(low: float, high: float, threshold: float, *, is_floor: bool) -> Status:
    """Where an interval lies: beyond the threshold on the good side, on the bad one, or across it."""
    if is_floor:
        return "pass" if low >= threshold else "fail" if high < threshold else "inconclusive"
    return "pass" if high <= threshold else "fail" if low > threshold else "inconclusive"


def _absolute(gate: Gate, evidence: Evidence, open_: GateVerdict) -> GateVerdict:
    estimate = absolute(gate, evidence)
    is_floor = gate.kind == "at_least"
    if estimate.value is None or (estimate.low if is_floor else estimate.high) is None:
        return _undefined(open_, estimate)
    if estimate.low is None or estimate.high is None:  # the bound that proves is there, the other is not
        low, high = estimate.low or 0.0, estimate.high if estimate.high is not None else float("inf")
    else:
        low, high = estimate.low, estimate.high
    status = three_way(low, high, open_.threshold, is_floor=is_floor)
    settle = settle_absolute(gate, evidence, estimate, open_.threshold) if status == "inconclusive" else None
    reason = "interval_across_threshold" if status == "inconclusive" else None
    words = absolute_words(gate, estimate, open_.threshold, status)
    return replace(open_, status=status, estimate=estimate, reason=reason, words=words, settle=settle)


def _relative(gate: Gate, evidence: Evidence, open_: GateVerdict) -> GateVerdict:
    difference, margin = relative(gate, evidence), open_.threshold
    if difference.value is None or difference.low is None or difference.high is None:
        return _undefined(open_, difference)
    low, high = difference.low, difference.high
    if gate.measure is not None:  # of time and cost less is better
        low, high = -high, -low
    status: Status = "pass" if low > -margin else "fail" if high < -margin else "inconclusive"
    tags: list[str] = []
    if -margin < low and high < 0:
        tags.append("regression_within_margin")
    if low > 0:
        tags.append("improvement")
    settle = settle_relative(gate, evidence, difference, margin) if status == "inconclusive" else None
    reachable = reachable_margin(difference)
    return replace(
        open_,
        status=status,
        estimate=difference,
        reachable=reachable,
        reason="interval_across_margin" if status == "inconclusive" else None,
        words=relative_words(gate, difference, margin, reachable, status, tags),
        settle=settle,
        tags=tuple(tags),
    )


def _forbidden(gate: Gate, evidence: Evidence, open_: GateVerdict, found: list[Doubt]) -> GateVerdict | None:
    """The failure of a ban, if there is one that no doubt can excuse."""
    run = evidence.candidate.get(gate.suite)
    if run is None or gate.metric is None or any(doubt.reason not in HOLDING_UNDER_DOUBT for doubt in found):
        return None
    worst = worst_of_repeats(run, gate.metric, gate.tags)
    hits = [case for case, value in worst.items() if value is not None and value < PASS_AT]
    if len(hits) <= open_.threshold:
        return None
    words = ban_words(gate, hits, len(worst), open_.threshold)
    return replace(open_, status="fail", words=words)


def _ban(gate: Gate, evidence: Evidence, open_: GateVerdict) -> GateVerdict:
    assert gate.metric is not None
    worst = worst_of_repeats(evidence.candidate[gate.suite], gate.metric, gate.tags)
    if not worst:
        settle = Settle("add such cases, or take the tags out of the gate")
        return replace(open_, reason="nothing_measured", words="cannot be judged: no case has one of its tags", settle=settle)
    hits = [case for case, value in worst.items() if value is not None and value < PASS_AT]
    return replace(open_, status="pass", words=ban_words(gate, hits, len(worst), open_.threshold))


def _coverage(gate: Gate, evidence: Evidence, open_: GateVerdict) -> GateVerdict:
    """Of the commonest intents, the share with enough answered cases. A count, not a sample: it has no interval."""
    run = evidence.candidate[gate.suite]
    top = sorted(evidence.intents, key=lambda name: (-evidence.intents[name], name))[: gate.top]
    if not top:
        settle = Settle("give the cases intents, or take the gate out of the policy")
        return replace(open_, reason="no_intents", words="cannot be judged: the use case has no intents", settle=settle)
    answered = {row["case_id"] for row in run.answers if row.get("status", "ok") == "ok"}
    counts = dict.fromkeys(top, 0)
    for case in answered:
        facts = run.cases.get(case)
        if facts is not None and facts.intent in counts:
            counts[facts.intent] += 1
    thin = [name for name in top if counts[name] < gate.least_cases]
    share = 1 - len(thin) / len(top)
    status: Status = "pass" if share >= open_.threshold else "fail"
    estimate = Estimate(share, share, share, CONFIDENCE, "count", len(top), len(top))
    return replace(open_, status=status, estimate=estimate, words=coverage_words(gate, thin, len(top), open_.threshold))


def _flakiness(gate: Gate, evidence: Evidence, open_: GateVerdict) -> GateVerdict:
    run = evidence.candidate[gate.suite]
    if run.is_fixed:
        return replace(open_, status="not_applicable", words="recorded answers are the same each time")
    assert gate.metric is not None
    rate = run.flake_rates.get(gate.metric)
    if rate is None or rate.value is None or rate.low is None or rate.high is None:
        settle = settle_flakiness(gate, evidence, rate, open_.threshold)
        words = "cannot be judged: no case was answered twice under the same configuration"
        return replace(open_, reason="no_repeats", words=words, settle=settle)
    status = three_way(rate.low, rate.high, open_.threshold, is_floor=False)
    settle = settle_flakiness(gate, evidence, rate, open_.threshold) if status == "inconclusive" else None
    return replace(
        open_,
        status=status,
        estimate=rate,
        reason="interval_across_threshold" if status == "inconclusive" else None,
        words=absolute_words(gate, rate, open_.threshold, status),
        settle=settle,
    )
