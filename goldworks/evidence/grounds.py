"""What figures rest on beside the rows that the judge reads: out of the tables into files of a pack, and back.

`grounds.json` (settings, golden versions), `parts.jsonl` (what aggregates look at), `runs_known.jsonl` and `judgments.jsonl`
(what could have spoken, and did), `further.jsonl` (scores of other runs), `compared.jsonl` (labels that scores are held against).
A file without a row is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import orjson

from goldworks.calibration.policy import DriftLimits, Limits
from goldworks.evaluation.quarantine import FlakinessPolicy, load_quarantine
from goldworks.evidence.earlier import earlier
from goldworks.evidence.names import Names
from goldworks.evidence.rows import SIDES, Files, as_json, as_lines, lines
from goldworks.evidence.tables import Noting, shipped_judgments, shipped_runs, shipped_scores, shipped_versions
from goldworks.evidence.wholes import Parts, by_metric, ids_in, parts_of, renamed_parts, singly
from goldworks.lake import Lake
from goldworks.release.gate_policy import GatePolicy
from goldworks.release.rows import Compared, Comparisons, Evidence, Labelled

Row = dict[str, Any]
GROUNDS = "grounds.json"


@dataclass(frozen=True, slots=True)
class Grounds:
    """As read from a pack. `parts` by side and suite."""

    flakiness: FlakinessPolicy
    parts: Mapping[tuple[str, str], Parts]
    runs: tuple[Row, ...]
    judgments: tuple[Row, ...]
    scores: tuple[Row, ...]
    versions: tuple[Row, ...]
    comparisons: Comparisons | None


class Found:
    """The same as found in the tables, with ids."""

    def __init__(self, lake: Lake, expectations: Path, policy: GatePolicy, evidence: Evidence) -> None:
        self._flakiness = load_quarantine(expectations).flakiness
        self._gated = {gate.of for gate in policy.gates}
        metrics = {gate.metric for gate in policy.gates if gate.kind == "flakiness" and gate.metric is not None}
        sides = dict(zip(SIDES, (evidence.candidate, evidence.base), strict=True))
        known = {run.run_id for by_suite in sides.values() for run in by_suite.values()}
        self._noting = Noting(lake, metrics, known)
        earlier(self._noting, policy, evidence, self._flakiness)
        self._parts = {(side, suite): parts_of(lake, run) for side, of in sides.items() for suite, run in sorted(of.items())}

    def case_ids(self) -> Iterator[str]:
        """Ids that need a pseudonym."""
        yield from (row["case_id"] for row in self._noting.noted("evals.scores"))
        yield from (name for parts in self._parts.values() for name in ids_in(parts))

    def to_files(self, names: Names, evidence: Evidence) -> Files:
        """With pseudonyms; `evidence` has them already."""
        wholes = [
            {"side": side, "suite": suite, "aggregates": parts.aggregates}
            for (side, suite), parts in self._parts.items()
            if parts.aggregates
        ]
        drift = evidence.comparisons
        settings: Row = {
            "flakiness": self._flakiness.model_dump(mode="json"),
            "wholes": wholes,
            "versions": shipped_versions(self._noting.noted("golden.versions"), evidence.use_case),
            "drift": {"limits": drift.limits.model_dump(), "asks": drift.asks.model_dump()} if drift is not None else None,
        }
        rows = {
            "parts.jsonl": [
                {"side": side, "suite": suite, **row}
                for (side, suite), parts in self._parts.items()
                for row in by_metric(renamed_parts(parts, names))
            ],
            "runs_known.jsonl": shipped_runs(self._noting.noted("evals.runs"), self._gated),
            "judgments.jsonl": shipped_judgments(self._noting.noted("release.verdicts"), evidence.gate_looks),
            "further.jsonl": shipped_scores(self._noting.noted("evals.scores"), names),
            "compared.jsonl": list(_compared(evidence)),
        }
        return {GROUNDS: as_json(settings), **{name: as_lines(found) for name, found in rows.items() if found}}


def _compared(evidence: Evidence) -> Iterator[Row]:
    """`labels` None: those of the calibration."""
    for of, every in sorted(evidence.comparisons.of.items()) if evidence.comparisons is not None else ():
        kept = evidence.calibrations.get(of)
        for place, one in enumerate(every):
            labels = None if kept is not None and one.labels == kept.labels else [astuple(label) for label in one.labels]
            flags = {"is_graded": one.is_graded, "is_of_baseline": one.is_of_baseline}
            yield {"of": of, "place": place, "run_id": one.run_id, **flags, "labels": labels}


def from_pack(files: Mapping[str, bytes], evidence: Evidence) -> Grounds | None:
    """Of a pack with its `evidence`; None of one from before packs held any. Raises KeyError, TypeError or ValueError."""
    if GROUNDS not in files:
        return None
    settings: Row = orjson.loads(files[GROUNDS])
    parts: dict[tuple[str, str], list[Row]] = {}
    for row in lines(files.get("parts.jsonl", b"")):
        parts.setdefault((row["side"], row["suite"]), []).extend(singly(row))
    wholes = {(one["side"], one["suite"]): tuple(one["aggregates"]) for one in settings["wholes"]}
    runs, judgments, scores = (
        tuple(lines(files.get(name, b""))) for name in ("runs_known.jsonl", "judgments.jsonl", "further.jsonl")
    )
    return Grounds(
        FlakinessPolicy.model_validate(settings["flakiness"]),
        {key: Parts(wholes.get(key, ()), tuple(parts.get(key, ()))) for key in wholes.keys() | parts.keys()},
        runs,
        judgments,
        scores,
        tuple(settings["versions"]),
        _comparisons(settings["drift"], lines(files.get("compared.jsonl", b"")), evidence),
    )


def _comparisons(drift: Row | None, rows: list[Row], evidence: Evidence) -> Comparisons | None:
    if drift is None:
        return None
    found: dict[str, list[Compared]] = {}
    for row in sorted(rows, key=lambda row: (row["of"], row["place"])):
        kept = row["labels"]
        labels = evidence.calibrations[row["of"]].labels if kept is None else tuple(Labelled(*label) for label in kept)
        found.setdefault(row["of"], []).append(Compared(row["run_id"], labels, row["is_graded"], row["is_of_baseline"]))
    limits, asks = DriftLimits.model_validate(drift["limits"]), Limits.model_validate(drift["asks"])
    return Comparisons(limits, asks, {of: tuple(every) for of, every in found.items()})
