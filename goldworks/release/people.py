"""The numbers of a gate on a judge or proxy: not what it says itself, but what people would have said of the same answers.

Which estimator: people labelled answers of this very run, enough of each word that the metric gives: post-stratified by that
word, or PPI++ of a graded metric; every answer: their rate itself. Else the rate is corrected by how far the metric agreed with
people about other answers (Rogan-Gladen). The choice looks at numbers of labels alone, never at the rate that comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from goldworks.release.gate_policy import Gate
from goldworks.release.integrity import common_cases
from goldworks.release.measuring import CONFIDENCE, standard_error, values_of
from goldworks.release.rows import Calibration, Evidence, Labelled, SuiteRun
from goldworks.statistics import paired_difference, rate, seed_of
from goldworks.statistics.estimates import undefined
from goldworks.statistics.human_equivalent import (
    HumanRate,
    Part,
    Share,
    corrected_difference,
    corrected_for_errors,
    dependence,
    powered_by_scores,
    stratified_by_word,
    weighted_share,
)

LEAST_PER_WORD = 10
"""Labels of answers that the metric flags, and of those that it passes, below which no rate rests on them alone."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """`rate`: the share (for `not_worse` the difference) in the terms of people. `own`: what the metric itself says of it.

    `labels_missing`: how many labels of which kind there must be more before there is a rate; 0 when there is one.
    """

    rate: HumanRate
    own: float | None
    labels_missing: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    case_id: str
    repeat: int
    cluster: str
    value: float
    is_flagged: bool


def needs_people(gate: Gate, evidence: Evidence) -> bool:
    """Whether the gate is on a metric that stands for what people would say."""
    run = evidence.candidate.get(gate.suite)
    return run is not None and gate.metric is not None and gate.metric in run.opinions


def absolute_by_people(gate: Gate, evidence: Evidence, confidence: float = CONFIDENCE) -> Equivalent:
    """Of `at_least` and `at_most`: the share of the candidate's answers that people would call good."""
    run, known = evidence.candidate[gate.suite], evidence.calibrations.get(gate.of)
    return rate_by_people(run, _metric(gate), known, _held(gate, evidence), confidence)


def rate_by_people(
    run: SuiteRun, metric: str, known: Calibration | None, held: frozenset[str] = frozenset(), confidence: float = CONFIDENCE
) -> Equivalent:
    """The share of a run's answers that people would call good; cases `held` in quarantine are left out."""
    answers = _answers(run, metric, held, known)
    if known is None or not answers:
        return Equivalent(HumanRate(undefined("human_equivalent", "n_zero", confidence, 0), 0), None, LEAST_PER_WORD * 2)
    values = values_of(run, metric, held).values()
    scored = [value for value in values if value is not None]
    own, missing = sum(scored) / len(scored), len(values) - len(scored)
    seed = seed_of(run.run_id, f"{run.suite}/{metric}", "people")
    found = _in_run(answers, known, confidence, seed) or _by_errors(answers, known, confidence)
    cases, groups = len({one.case_id for one in answers}), len({one.cluster for one in answers})
    counted = replace(found.estimate, n=cases, n_clusters=groups, n_missing=missing, is_judge=True)
    short = _short(known) if counted.value is None or counted.low is None else 0
    return Equivalent(replace(found, estimate=counted), own, short)


def relative_by_people(gate: Gate, evidence: Evidence, confidence: float = CONFIDENCE) -> Equivalent:
    """Of `not_worse`: the metric's own paired difference of the shares that it calls good, over Se + Sp - 1.

    A metric that misses failures sees too little of a loss, and the margin of the policy is one of people.
    """
    base, candidate, known = evidence.base[gate.suite], evidence.candidate[gate.suite], evidence.calibrations.get(gate.of)
    if known is None:
        return Equivalent(HumanRate(undefined("human_equivalent", "n_zero", confidence, 0), 0), None, LEAST_PER_WORD * 2)
    held = _held(gate, evidence)
    here, there = (_good_shares(_answers(run, _metric(gate), held, known)) for run in (base, candidate))
    lost = {case for run in (base, candidate) for case, value in values_of(run, _metric(gate), held).items() if value is None}
    asked = [case for case in common_cases(base, candidate) if case in {*here, *lost} and case in {*there, *lost}]
    clusters, seed = candidate.clusters, seed_of(base.run_id, candidate.run_id, gate.of)
    own = paired_difference(
        [here.get(case) for case in asked],
        [there.get(case) for case in asked],
        [clusters[case] for case in asked],
        confidence=confidence,
        seed=seed,
    )
    sensitivity, specificity = _errors(known)
    if sensitivity is None or specificity is None:
        return Equivalent(HumanRate(undefined("over_youden", "n_too_small", confidence, 0), 0), own.value, _short(known))
    return Equivalent(corrected_difference(own, sensitivity, specificity, seed=seed), own.value)


def _metric(gate: Gate) -> str:
    assert gate.metric is not None
    return gate.metric


def _held(gate: Gate, evidence: Evidence) -> frozenset[str]:
    return evidence.quarantined.get(gate.of, frozenset())


def _answers(run: SuiteRun, metric: str, held: frozenset[str], known: Calibration | None) -> list[_Answer]:
    """Answers that have a value, in the order of cases and repeats."""
    if known is None:
        return []
    clusters = run.clusters
    found: list[_Answer] = []
    for row in sorted(run.scores, key=lambda row: (row["case_id"], row["repeat"])):
        case: str = row["case_id"]
        value: float | None = row["value"]
        if row["metric"] == metric and value is not None and case not in held:
            found.append(_Answer(case, row["repeat"], clusters.get(case, case), value, _is_flagged(value, known)))
    return found


def _is_flagged(value: float, known: Calibration) -> bool:
    return _is_failure(value, known.fails_up_to)


def _is_failure(value: float, fails_up_to: float) -> bool:
    return value <= fails_up_to + 1e-12


def _good_shares(answers: Sequence[_Answer]) -> dict[str, float]:
    """By case, the share of its repeats that the metric calls good."""
    found: dict[str, list[bool]] = {}
    for one in answers:
        found.setdefault(one.case_id, []).append(not one.is_flagged)
    return {case: sum(good) / len(good) for case, good in found.items()}


def _in_run(answers: Sequence[_Answer], known: Calibration, confidence: float, seed: int) -> HumanRate | None:
    """From labels of the answers of this run; None when they are too few."""
    of_answer = {(one.case_id, one.repeat): one for one in known.labels if one.case_id is not None}
    pairs = [(answer, of_answer.get((answer.case_id, answer.repeat))) for answer in answers]
    labelled = [(answer, label) for answer, label in pairs if label is not None]
    others = [answer for answer, label in pairs if label is None]
    if labelled and not others:
        found = rate([not label.is_failure for _, label in labelled], [one.cluster for one in answers], confidence=confidence)
        error = standard_error(found) or 0.0
        return HumanRate(replace(found, method=f"every_answer_labelled_{found.method}"), len(labelled), error**2)
    if known.is_graded and len({label.probability for _, label in labelled}) == 1:
        found = powered_by_scores(
            [not label.is_failure for _, label in labelled],
            [answer.value for answer, _ in labelled],
            [answer.value for answer in others],
            [answer.cluster for answer, _ in labelled],
            [answer.cluster for answer in others],
            confidence=confidence,
        )
        if found.estimate.low is not None:
            return found
    by_word: dict[bool, list[tuple[_Answer, Labelled]]] = {}
    for is_flagged in (True, False):
        size = sum(one.is_flagged == is_flagged for one in answers)
        by_word[is_flagged] = [pair for pair in labelled if pair[0].is_flagged == is_flagged and pair[1].is_held_out]
        if len(by_word[is_flagged]) < min(size, LEAST_PER_WORD):
            return None
    good = {word: _good_share([label for _, label in of_word]) for word, of_word in by_word.items()}
    return stratified_by_word(
        _flagged(answers),
        good[True],
        good[False],
        confidence=confidence,
        seed=seed,
        widened=dependence(_parts(answers, by_word, good)),
    )


def _parts(
    answers: Sequence[_Answer], by_word: dict[bool, list[tuple[_Answer, Labelled]]], good: dict[bool, Share | None]
) -> list[Part]:
    """Errors of the post-stratified share, linearised: of the answers, then of their labels."""
    rates = {word: share.value if share is not None else 0.0 for word, share in good.items()}
    value = sum(rates[one.is_flagged] for one in answers) / len(answers)
    of_answers = [(rates[one.is_flagged] - value) / len(answers) for one in answers]
    found = [Part(of_answers, [one.cluster for one in answers])]
    errors: list[float] = []
    for word, pairs in by_word.items():
        weights = _weights([label for _, label in pairs])
        share = sum(one.is_flagged == word for one in answers) / len(answers)
        errors += [
            share * weight * ((not label.is_failure) - rates[word]) / sum(weights)
            for weight, (_, label) in zip(weights, pairs, strict=True)
        ]
    return [*found, Part(errors, [answer.cluster for pairs in by_word.values() for answer, _ in pairs])]


def _by_errors(answers: Sequence[_Answer], known: Calibration, confidence: float) -> HumanRate:
    """From how far the metric agrees with people about all answers that they labelled, of whatever release."""
    sensitivity, specificity = _errors(known)
    if sensitivity is None or specificity is None:
        note = "too few labels of answers that people call failures, or that they call good"
        lost = undefined("rogan_gladen_lang_reiczigel", "n_too_small", confidence, 0)
        return HumanRate(replace(lost, note=note), 0)
    return corrected_for_errors(_flagged(answers), sensitivity, specificity, confidence=confidence)


def _errors(known: Calibration) -> tuple[Share | None, Share | None]:
    """(sensitivity, specificity), each None without enough labels; on labels that the cut was not chosen on."""
    found = [share_right(known.labels, known.fails_up_to, failed=failed) for failed in (True, False)]
    enough = [one if one is not None and one.n >= LEAST_PER_WORD else None for one in found]
    return enough[0], enough[1]


def share_right(labels: Sequence[Labelled], fails_up_to: float, *, failed: bool) -> Share | None:
    """Of the answers that people call failures (or good ones) the share of which the metric says so too; None without any. On
    labels that the cut was not chosen on.
    """
    chosen = [one for one in labels if one.is_held_out and one.is_failure == failed]
    right = [_is_failure(one.value, fails_up_to) == failed for one in chosen]
    return weighted_share(right, _weights(chosen), [one.cluster for one in chosen])


def _short(known: Calibration) -> int:
    """Labels that both kinds of answers lack before a rate can rest on them."""
    held_out = [one.is_failure for one in known.labels if one.is_held_out]
    return max(1, sum(max(0, LEAST_PER_WORD - held_out.count(failed)) for failed in (True, False)))


def _good_share(labels: Sequence[Labelled]) -> Share | None:
    return weighted_share([not one.is_failure for one in labels], _weights(labels), [one.cluster for one in labels])


def _weights(labels: Sequence[Labelled]) -> list[float]:
    return [1 / one.probability for one in labels]


def _flagged(answers: Sequence[_Answer]) -> Share:
    found = weighted_share([one.is_flagged for one in answers], [1.0] * len(answers), [one.cluster for one in answers])
    assert found is not None
    return found
