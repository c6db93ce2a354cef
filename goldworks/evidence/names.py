"""Pseudonyms: in a pack cases are named by rank and content digest, clusters by rank.

Ranks keep the order of the ids they stand for, so resampling draws the same and the figures are those of `goldworks gate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from goldworks.release.rows import Comparisons, Evidence, Labelled, SuiteRun

ANSWER = ("repeat", "status", "latency_ms", "first_token_ms", "input_tokens", "output_tokens", "cost_usd")
SCORE = ("repeat", "metric", "value", "reason", "scorer_digest")


@dataclass(frozen=True, slots=True)
class Names:
    """Pseudonym by id. `clusters`: of what the runs asked; `label_clusters`: these, and those of labels of elsewhere."""

    cases: Mapping[str, str]
    clusters: Mapping[str, str]
    label_clusters: Mapping[str, str]


def names_of(evidence: Evidence, more: Iterable[str] = ()) -> Names:
    """Names for what the evidence holds, and for `more` ids of cases, of other runs say."""
    runs = _runs(evidence)
    digests = {case: facts.case_digest for run in reversed(runs) for case, facts in run.cases.items()}
    hits = {case for of in evidence.forbidden.values() for one in of for case in one.case_ids}
    every = sorted({*digests, *(row["case_id"] for run in runs for row in (*run.answers, *run.scores)), *hits, *more})
    cases = {case: f"{rank:06}-{_short(digests.get(case, ''))}" for rank, case in enumerate(every)}
    groups = sorted({group for run in runs for group in run.clusters.values()})
    clusters = {group: f"k{rank:06}" for rank, group in enumerate(groups)}
    elsewhere = sorted({label.cluster for label in _labels(evidence)} - set(clusters))
    return Names(cases, clusters, clusters | {group: f"l{rank:06}" for rank, group in enumerate(elsewhere)})


def renamed(evidence: Evidence, names: Names | None = None) -> Evidence:
    """The same with pseudonyms for cases and clusters, in the order of what they stand for."""
    names = names or names_of(evidence)
    cases = names.cases
    return replace(
        evidence,
        candidate={suite: _run(run, names) for suite, run in evidence.candidate.items()},
        base={suite: _run(run, names) for suite, run in evidence.base.items()},
        calibrations={of: replace(one, labels=_renamed(one.labels, names)) for of, one in evidence.calibrations.items()},
        comparisons=_comparisons(evidence.comparisons, names),
        quarantined={of: frozenset(cases[one] for one in held if one in cases) for of, held in evidence.quarantined.items()},
        forbidden={
            ban: tuple(replace(one, case_ids=tuple(cases[case] for case in one.case_ids)) for one in of)
            for ban, of in evidence.forbidden.items()
        },
        problems=tuple(_named(problem, cases) for problem in evidence.problems),
    )


def _runs(evidence: Evidence) -> list[SuiteRun]:
    return [run for side in (evidence.candidate, evidence.base) for run in side.values()]


def _labels(evidence: Evidence) -> Iterable[Labelled]:
    for one in evidence.calibrations.values():
        yield from one.labels
    if evidence.comparisons is not None:
        yield from (label for of in evidence.comparisons.of.values() for one in of for label in one.labels)


def _short(digest: str) -> str:
    return digest[:12] or "unknown"


def _named(words: str, cases: Mapping[str, str]) -> str:
    return " ".join(cases.get(word, word) for word in words.split(" "))


def _run(run: SuiteRun, names: Names) -> SuiteRun:
    of_case, cases = run.clusters, names.cases
    answers = [
        {
            **{name: row.get(name) for name in ANSWER},
            "case_id": cases[row["case_id"]],
            "cluster_id": names.clusters[of_case[row["case_id"]]],
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


def _renamed(labels: Iterable[Labelled], names: Names) -> tuple[Labelled, ...]:
    """Labels of answers that the run's rows do not hold stay, as those of elsewhere."""
    return tuple(
        replace(
            label,
            cluster=names.label_clusters[label.cluster],
            case_id=names.cases.get(label.case_id) if label.case_id is not None else None,
        )
        for label in labels
    )


def _comparisons(found: Comparisons | None, names: Names) -> Comparisons | None:
    if found is None:
        return None
    of = {name: tuple(replace(one, labels=_renamed(one.labels, names)) for one in every) for name, every in found.of.items()}
    return replace(found, of=of)
