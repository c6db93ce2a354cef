"""Aggregate `macro_f1`: the mean F1 of the classes of a classification, with its confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from goldworks.evaluation.aggregates.protocol import Aggregate, Aggregated, Detail, Floats, Part, Scored, Tally, by_case
from goldworks.evaluation.scorers.labels import NO_LABEL, Decision, decision_of
from goldworks.statistics import Estimate
from goldworks.statistics.estimates import few_note, undefined
from goldworks.statistics.intervals import wilson
from goldworks.statistics.resampling import RESAMPLES, bootstrap_counts, percentile_interval

METHOD = "bootstrap_percentile"


class MacroF1(Aggregate):
    """Unweighted mean over classes of F1 = 2 TP / (2 TP + FP + FN), of a metric whose scorer is `label`.

    The classes are those that are expected at least once in the run. An answer with another label, or with none that could be
    read, counts against the class that was expected (a false negative) and for no class as a false positive, unless that label
    is itself expected elsewhere. Equal to scikit-learn's `f1_score(average="macro", labels=<expected classes>, zero_division=0)`.
    Each repeat is an answer of its own in the counts.

    The interval is a percentile bootstrap over clusters; of a resample, the classes that occur in it count. When no resample
    differs (every answer right, say), Wilson's at the value with n = clusters.

    - A missing answer is counted as missing and enters no count.
    - Fewer than two clusters: no interval, `n_too_small`. Only one class expected: the mean of one F1, and a note says so.
    - No label in any score: no value, `n_zero`.
    """

    name = "macro_f1"
    needs_cases = False

    def over(self, scores: Sequence[Scored], *, confidence: float, seed: int) -> Aggregated:
        """See the class."""
        missing = len({score.case_id for score in scores if score.is_missing})
        decisions = _decided(scores)
        if not decisions:
            return Aggregated(undefined(METHOD, "n_zero", confidence, missing))
        expected, said = _labels(decisions)
        clusters = {cluster: place for place, cluster in enumerate(dict.fromkeys(score.cluster_id for score, _ in decisions))}
        counts: Floats = np.zeros((len(clusters), len(expected), len(said)))
        for score, decision in decisions:
            counts[clusters[score.cluster_id], *_place(decision, expected, said)] += 1
        cases = len({score.case_id for score, _ in decisions})
        return Aggregated(_estimate(counts, cases, missing, confidence, seed), _matrix(expected, said, counts.sum(axis=0)))

    def tally(self, scores: Sequence[Scored]) -> Tally:
        """The confusion matrix of each case."""
        decided = _decided(scores)
        expected, said = _labels(decided)
        shape = (len(expected), len(said))
        parts: list[Part] = []
        for case_id, group in by_case(scores).items():
            here = _decided(group)
            matrix: Floats = np.zeros(shape)
            for _, decision in here:
                matrix[_place(decision, expected, said)] += 1
            parts.append(Part((case_id,), group[0].cluster_id, tuple(matrix.ravel().tolist()) if here else None))
        return Tally(shape, tuple(parts), self.whole)

    def whole(self, counts: Floats) -> Floats:
        """Of added matrices."""
        return macro_f1(counts)


def _decided(scores: Sequence[Scored]) -> list[tuple[Scored, Decision]]:
    return [(score, decision) for score in scores if (decision := decision_of(score.value, score.detail)) is not None]


def _labels(decisions: Sequence[tuple[Scored, Decision]]) -> tuple[list[str], list[str]]:
    """(classes that are expected, labels that are said: these first, then others, last none)."""
    expected = sorted({decision.expected for _, decision in decisions})
    return expected, [*expected, *sorted({decision.said for _, decision in decisions if decision.said} - {*expected}), NO_LABEL]


def _place(decision: Decision, expected: Sequence[str], said: Sequence[str]) -> tuple[int, int]:
    return expected.index(decision.expected), said.index(decision.said) if decision.said is not None else len(said) - 1


def macro_f1(matrices: Floats) -> Floats:
    """Macro-F1 of each of several confusion matrices [..., expected, said], whose first columns are the expected classes."""
    classes = matrices.shape[-2]
    hits = np.diagonal(matrices[..., :classes], axis1=-2, axis2=-1)
    wanted, given = matrices.sum(axis=-1), matrices[..., :classes].sum(axis=-2)
    f1 = np.divide(2 * hits, wanted + given, out=np.zeros_like(hits), where=wanted + given > 0)
    occurs = wanted > 0
    classes_seen = occurs.sum(axis=-1)
    total = (f1 * occurs).sum(axis=-1)
    return np.divide(total, classes_seen, out=np.full_like(total, np.nan), where=classes_seen > 0)


def _estimate(counts: Floats, cases: int, missing: int, confidence: float, seed: int) -> Estimate:
    groups, classes = counts.shape[:2]
    value = float(macro_f1(counts.sum(axis=0)))
    notes = ["only one class is expected"] if classes == 1 else []
    if groups < 2:
        reason = "n_too_small"
        return Estimate(value, None, None, confidence, METHOD, cases, groups, missing, reason, note="; ".join(notes) or None)
    flat = counts.reshape(groups, -1)
    resampled = [macro_f1((drawn @ flat).reshape(-1, *counts.shape[1:])) for drawn in bootstrap_counts(groups, seed, RESAMPLES)]
    low, high = percentile_interval(np.concatenate(resampled), confidence)
    note = "; ".join([*notes, *([few] if (few := few_note(groups)) else [])]) or None
    if high - low < 1e-12:
        low, high = wilson(value, groups, confidence)
        return Estimate(value, low, high, confidence, "wilson_at_value", cases, groups, missing, note=note)
    return Estimate(value, low, high, confidence, METHOD, cases, groups, missing, seed=seed, note=note)


def _matrix(expected: Sequence[str], said: Sequence[str], counts: Floats) -> Detail:
    """Rows expected, columns said, with precision, recall and F1 of each class."""
    rows: list[tuple[str, ...]] = []
    for place, label in enumerate(expected):
        hits, wanted, given = counts[place, place], counts[place].sum(), counts[:, place].sum()
        shares = [hits / given if given else None, hits / wanted, 2 * hits / (wanted + given)]
        rows.append((label, *(str(int(n)) for n in counts[place]), *("none said" if s is None else f"{s:.3f}" for s in shares)))
    columns = ("expected", *said, "precision", "recall", "F1")
    return Detail("confusion matrix, expected by row and said by column", columns, tuple(rows))
