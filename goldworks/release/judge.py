"""The verdict about a release: pass, fail or inconclusive for each gate and in all, with the numbers and what would settle it.

A pure function of plain rows. Whatever is doubtful is inconclusive; what was accepted by people comes after, in `accepting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from goldworks.release.banning import forbidden_case, without_forbidden
from goldworks.release.gate_policy import LOOKING, Gate, GatePolicy
from goldworks.release.integrity import Doubt, doubts
from goldworks.release.measuring import CONFIDENCE, absolute, relative
from goldworks.release.people import Equivalent, absolute_by_people, needs_people, relative_by_people
from goldworks.release.pull_request import left_to_the_night, margin_here
from goldworks.release.rows import Evidence, Look
from goldworks.release.settling import (
    margin_reached,
    settle_absolute,
    settle_flakiness,
    settle_labels,
    settle_people,
    settle_relative,
    settle_repeats,
)
from goldworks.release.standing import AFTER_LOOKS, LOOKS_USED_UP, after_looks, standing_verdict
from goldworks.release.two_sides import both_sides
from goldworks.release.verdict import GateVerdict, Settle, Verdict, whole
from goldworks.release.wording import (
    absolute_words,
    coverage_words,
    looks_made,
    people_difference_words,
    people_words,
    relative_words,
)
from goldworks.statistics import Estimate
from goldworks.statistics.verdicts import at_least, at_most, not_worse

ERRS_OTHERWISE = (
    "gate on people's rate of the release itself (at_least), on a judge that errs alike, or on what a program decides"
)
UNSETTLED = ("interval_across_margin", "interval_across_threshold")


def judge(policy: GatePolicy, evidence: Evidence) -> Verdict:
    """Judge a release by the gates of its tier.

    - at_least `t`: pass if L >= t, fail if U < t; at_most: pass if U <= t, fail if L > t; not_worse: pass if L > -margin, fail
      if U < -margin (L..U: two-sided 90 %, so each end is a one-sided 95 % bound); else inconclusive.
    - Of a policy with two looks, each takes half of the 5 %: L..U is two-sided 95 %. A look that was not planned decides nothing.
    - Every gate must pass, so no correction for their number is due: none makes a false pass likelier.
    - What a judge or proxy stands for is judged in the terms of people: `people`.
    - In all: the worst of the gates.
    - On the part of a golden version that is for pull requests no release is judged: `pull_request`.
    """
    gates = tuple(_judge(gate, evidence, policy) for gate in policy.at_tier(evidence.tier))
    gates = gates if evidence.smoke_margin is None else left_to_the_night(gates, evidence)
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
        smoke_margin=evidence.smoke_margin,
    )


def _judge(gate: Gate, evidence: Evidence, policy: GatePolicy) -> GateVerdict:
    threshold = margin_here(gate, evidence)
    open_ = GateVerdict(
        gate.gate, gate.family, gate.kind, gate.suite, gate.metric or gate.measure or "intents", "inconclusive", threshold, ""
    )
    found = list(doubts(gate, evidence, policy.most_missing_rate))
    if gate.kind == "ban":
        open_ = replace(open_, scorer_digest=_scorer(gate, evidence))
        hit = forbidden_case(gate, evidence, open_, found)
        if hit is not None:
            return hit
    if found:
        return _doubted(open_, evidence, found)
    if gate.kind in LOOKING:
        earlier = evidence.gate_looks.get(gate.gate, evidence.looks.get(gate.suite, ()))
        if (stands := evidence.standing.get(gate.gate)) is not None:
            return standing_verdict(open_, stands, policy.looks)
        if len(earlier) >= policy.looks:
            return _looked(open_, earlier, policy.looks)
        open_ = replace(open_, look=len(earlier) + 1)
    got = _by_kind(gate, evidence, policy, open_)
    made = evidence.passed_over.get(gate.suite, ())
    return _passed_over(got, made) if made and got.reason in UNSETTLED else got


def _scorer(gate: Gate, evidence: Evidence) -> str | None:
    run = evidence.candidate.get(gate.suite)
    return run.scorer_digests.get(str(gate.metric)) if run is not None else None


def _by_kind(gate: Gate, evidence: Evidence, policy: GatePolicy, open_: GateVerdict) -> GateVerdict:
    match gate.kind:
        case "at_least" | "at_most":
            return _absolute(gate, evidence, open_, policy)
        case "not_worse":
            return _relative(gate, evidence, open_, policy)
        case "ban":
            return without_forbidden(gate, evidence, open_)
        case "coverage":
            return _coverage(gate, evidence, open_)
        case "flakiness":
            return _flakiness(gate, evidence, open_)


def _doubted(open_: GateVerdict, evidence: Evidence, found: list[Doubt]) -> GateVerdict:
    first = found[0]
    words = "; ".join(dict.fromkeys(doubt.words for doubt in found))
    tags = tuple(dict.fromkeys(doubt.reason for doubt in found[1:] if doubt.reason != first.reason))
    return replace(
        open_,
        reason=first.reason,
        words=f"cannot be judged: {words}",
        settle=settle_labels(evidence, first.remedy, first.labels),
        tags=tags,
    )


def _looked(open_: GateVerdict, earlier: Sequence[Look], planned: int) -> GateVerdict:
    """Not decided on these runs: the looks that were planned have been made."""
    words = f"cannot be judged on other answers: {looks_made(earlier[:planned])}, undecided, and their runs are gone"
    return replace(open_, reason=LOOKS_USED_UP, words=words, settle=Settle(AFTER_LOOKS), look=len(earlier) + 1)


def _passed_over(got: GateVerdict, made: Sequence[Look]) -> GateVerdict:
    """Still undecided by the last look that was planned: newer answers are not looked at."""
    words = f"{got.words}; newer answers are not looked at: {looks_made(made)}, and to look until it passes proves nothing"
    return replace(got, reason=LOOKS_USED_UP, words=words, settle=after_looks(got.settle))


def _undefined(open_: GateVerdict, estimate: Estimate) -> GateVerdict:
    reason = estimate.reason or "no_interval"
    words = f"cannot be judged: {estimate.n} cases in {estimate.n_clusters} independent groups give no interval ({reason})"
    return replace(open_, estimate=estimate, reason=reason, words=words, settle=Settle("add cases that the metric is for"))


def _unlabelled(open_: GateVerdict, evidence: Evidence, found: Equivalent) -> GateVerdict:
    """There is a certificate, and no rate that rests on labels all the same."""
    estimate, missing = found.rate.estimate, found.labels_missing
    why = f" ({estimate.note})" if estimate.note else ""
    if estimate.reason == "no_variation":
        settle = Settle("a judge that agrees with people more, or a gate on what a program decides")
        return replace(
            open_,
            estimate=estimate,
            own=found.own,
            reason="no_variation",
            words=f"cannot be judged: {estimate.note}",
            settle=settle,
        )
    words = f"cannot be judged: what people would have said has too few labels to rest on{why}"
    settle = settle_labels(evidence, f"label at least {missing} more answers, good and bad ones, and certify again", missing)
    return replace(open_, estimate=estimate, own=found.own, reason="labels_missing", words=words, settle=settle)


def _resting_on_labels(gate: Gate, evidence: Evidence, open_: GateVerdict) -> GateVerdict:
    known = evidence.calibrations.get(gate.of)
    return open_ if known is None else replace(open_, labels=len(known.labels), labels_digest=known.labels_digest or None)


def _absolute(gate: Gate, evidence: Evidence, open_: GateVerdict, policy: GatePolicy) -> GateVerdict:
    people = absolute_by_people(gate, evidence, policy.confidence) if needs_people(gate, evidence) else None
    estimate = people.rate.estimate if people is not None else absolute(gate, evidence, policy.confidence)
    open_ = _resting_on_labels(gate, evidence, open_) if people is not None else open_
    is_floor = gate.kind == "at_least"
    if people is not None and (estimate.value is None or estimate.low is None):
        return _unlabelled(open_, evidence, people)
    if estimate.value is None or (estimate.low if is_floor else estimate.high) is None:
        return _undefined(open_, estimate)
    low = estimate.low if estimate.low is not None else 0.0  # the bound that proves is there; without the other nothing fails
    high = estimate.high if estimate.high is not None else inf
    decide = at_least if is_floor else at_most
    status = decide(replace(estimate, low=low, high=high), open_.threshold).answer
    settle, own = None, people.own if people is not None else None
    if people is not None:
        words = people_words(gate, people, open_.threshold, status)
    else:
        words = absolute_words(gate, estimate, open_.threshold, status)
    if status == "inconclusive" and people is not None:
        settle = settle_people(gate, evidence, people, open_.threshold, (open_.look or 1) < policy.looks)
    elif status == "inconclusive":
        settle = settle_absolute(gate, evidence, estimate, open_.threshold)
    reason = "interval_across_threshold" if status == "inconclusive" else None
    return replace(open_, status=status, estimate=estimate, own=own, reason=reason, words=words, settle=settle)


def _relative(gate: Gate, evidence: Evidence, open_: GateVerdict, policy: GatePolicy) -> GateVerdict:
    people = relative_by_people(gate, evidence, policy.confidence) if needs_people(gate, evidence) else None
    difference = people.rate.estimate if people is not None else relative(gate, evidence, policy.confidence)
    margin, has_look_left = open_.threshold, (open_.look or 1) < policy.looks
    open_ = _resting_on_labels(gate, evidence, open_) if people is not None else open_
    if people is not None and (people.labels_missing or difference.reason == "no_variation"):
        return _unlabelled(open_, evidence, people)
    sides = both_sides(gate, evidence) if people is not None else None
    if sides is not None and sides.apart is not None:
        words = f"cannot be judged: {gate.metric} errs otherwise on the one release than on the other: {sides.apart}"
        return replace(open_, reason="errs_otherwise", words=words, settle=Settle(ERRS_OTHERWISE))
    if difference.value is None or difference.low is None or difference.high is None:
        return _undefined(open_, difference)
    better = difference
    if gate.measure is not None:  # of time and cost less is better
        better = replace(difference, value=-difference.value, low=-difference.high, high=-difference.low)
    found = not_worse(better, margin)
    status = found.answer
    tags = ["regression_within_margin"] if found.is_regression_within_margin else []
    if better.low is not None and better.low > 0:
        tags.append("improvement")
    settle = settle_relative(gate, evidence, difference, margin, has_look_left) if status == "inconclusive" else None
    reachable = margin_reached(difference)
    words = relative_words(gate, difference, margin, reachable, status, tags)
    return replace(
        open_,
        status=status,
        estimate=difference,
        own=people.own if people is not None else None,
        reachable=reachable,
        reason="interval_across_margin" if status == "inconclusive" else None,
        words=words + people_difference_words(gate, people, sides) if people is not None else words,
        settle=settle,
        tags=tuple(tags),
    )


def _coverage(gate: Gate, evidence: Evidence, open_: GateVerdict) -> GateVerdict:
    """Of the commonest intents, the share with enough answered cases. A count, not a sample: it has no interval.

    Too few cases say nothing bad of the release: the gate is then open, not failed.
    """
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
    estimate = Estimate(share, share, share, CONFIDENCE, "count", len(top), len(top))
    found = replace(open_, estimate=estimate, words=coverage_words(gate, thin, len(top), open_.threshold))
    if share >= open_.threshold:
        return replace(found, status="pass")
    more = sum(gate.least_cases - counts[name] for name in thin)
    settle = Settle(f"{more} more cases of {', '.join(thin)}: goldworks golden propose, or import", cases=more)
    return replace(found, reason="thin_coverage", settle=settle)


def _flakiness(gate: Gate, evidence: Evidence, open_: GateVerdict) -> GateVerdict:
    run = evidence.candidate[gate.suite]
    if run.is_fixed:
        return replace(open_, status="not_applicable", words="recorded answers are the same each time")
    assert gate.metric is not None
    rate = run.flake_rates.get(gate.metric)
    if rate is None:
        settle = settle_repeats(gate, evidence)
        words = f"cannot be judged before each case has the planned {gate.verdicts} verdicts under the same configuration"
        return replace(open_, reason="no_repeats", words=words, settle=settle)
    if rate.value is None or rate.low is None or rate.high is None:
        return _undefined(open_, rate)
    status = at_most(rate, open_.threshold).answer
    settle = settle_flakiness(gate, evidence, rate, open_.threshold) if status == "inconclusive" else None
    return replace(
        open_,
        status=status,
        estimate=rate,
        reason="interval_across_threshold" if status == "inconclusive" else None,
        words=absolute_words(gate, rate, open_.threshold, status),
        settle=settle,
    )
