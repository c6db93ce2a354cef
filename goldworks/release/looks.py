"""Looks: how often a release was already judged on data that could have decided, and which runs have decided for good.

A judgment at 5 % that is made anew on other answers until it passes is wrong more often than 5 %. So what was planned is kept to:
a policy says how many looks there are, and each takes its share of the 5 %. Of one release, golden version and policy (by its
digest), a look is a set of runs of a suite on which one of its gates had a number. The same runs asked again, a side that had no
run yet, or another baseline are no further look; nor are runs whose gated metrics other code or settings scored: they are another
measurement. Runs that are no longer in the tables are other runs than any that are: deleting them takes no look back. Further
labels of people are another matter: `label_looks`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from goldworks.lake import Readable
from goldworks.release.gate_policy import LOOKING, GatePolicy
from goldworks.release.rows import Look

Row = Mapping[str, Any]
Runs = dict[str, tuple[str, ...]]
"""Release to the run of one suite that spoke for it; or to all that are gone and one of which may have."""

COLUMNS = [
    *("judgment_id", "judged_at", "first_judged_at", "release", "baseline", "version_id", "run_ids"),
    *("gate", "kind", "suite", "status", "threshold", "value", "own_value", "low", "high", "confidence", "method"),
    *("n", "n_clusters", "n_missing", "reachable_margin", "reason", "words", "tags", "look", "labels", "labels_digest"),
    *("settled_by", "more_cases", "more_repeats", "more_labels", "hours", "cost_usd", "label_hours", "label_cost_usd"),
]


@dataclass(frozen=True, slots=True)
class Judgment:
    """An earlier one. `measured`: suites of which a gate had a number; `rows`: of `release.verdicts`, by gate."""

    at: dt.datetime
    sides: tuple[str, ...]
    run_ids: tuple[str, ...]
    measured: frozenset[str]
    is_decided: bool
    rows: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class History:
    """Earlier judgments of one release, golden version and policy, oldest first, with the runs that they rest on.

    `gone`: runs that are no longer in `evals.runs`. `gated`: `suite/metric` of each gate of the policy.
    """

    judgments: tuple[Judgment, ...] = ()
    runs: Mapping[str, Row] = field(default_factory=dict[str, Row])
    gone: frozenset[str] = frozenset()
    gated: frozenset[str] = frozenset()

    @property
    def decided(self) -> Mapping[str, dt.datetime]:
        """Runs that passed or failed the gates themselves, whatever people accepted since, and when a judgment first said so."""
        found: dict[str, dt.datetime] = {}
        for one in self.judgments:
            if one.is_decided:
                for run_id in one.run_ids:
                    found.setdefault(run_id, one.at)
        return found

    def is_same_measure(self, one: Row, other: Row) -> bool:
        """Whether code and settings that scored the gated metrics of two runs (rows of `evals.runs`) of a suite are the same."""
        return self._measure(one) == self._measure(other)

    def _measure(self, run: Row) -> dict[str, str]:
        digests: Mapping[str, str] = orjson.loads(run["config"]).get("scorer_digests", {})
        return {metric: digest for metric, digest in digests.items() if f"{run['suite']}/{metric}" in self.gated}

    def looks(self, suite: str, now: Iterable[Row]) -> tuple[Look, ...]:
        """Looks at the suite before the one at the runs `now` (rows of `evals.runs`); of each its runs of the same releases."""
        current = {row["release"]: row for row in now}
        seen: list[tuple[Runs, str]] = []
        for one, of_suite in self.at(suite, current):
            for place, (known, on) in enumerate(seen):
                if agree(known, of_suite):
                    seen[place] = ({**known, **of_suite}, on)
                    break
            else:
                seen.append((of_suite, one.at.date().isoformat()))
        mine = runs_of(current)
        index = next((place for place, (known, _) in enumerate(seen) if agree(known, mine)), len(seen))
        return tuple(Look(on, named(known, current)) for known, on in seen[:index])

    def at(self, suite: str, current: Mapping[str, Row]) -> Iterator[tuple[Judgment, Runs]]:
        """Judgments that looked at the suite as it is measured in the runs of now (by release), oldest first, with their runs."""
        for one in self.judgments:
            of_suite = self._of_suite(one, suite)
            pairs = [(self.runs[run_ids[0]], current[of]) for of, run_ids in of_suite.items() if of in current]
            if suite in one.measured and all(self.is_same_measure(*pair) for pair in pairs):
                yield one, of_suite | self._gone(one, of_suite)

    def _of_suite(self, one: Judgment, suite: str) -> Runs:
        known = ((name, self.runs[name]) for name in one.run_ids if name in self.runs)
        return {row["release"]: (name,) for name, row in known if row["suite"] == suite}

    def _gone(self, one: Judgment, of_suite: Runs) -> Runs:
        """Of the sides that have no run of the suite any more: all runs that are gone, as nobody knows whose they were."""
        gone = tuple(sorted(self.gone.intersection(one.run_ids)))
        return {side: gone for side in one.sides if side not in of_suite} if gone else {}


def history(lake: Readable, use_case: str, release: str, version_id: str | None, policy: GatePolicy) -> History:
    """What was judged of it before."""
    where = [("use_case", "=", use_case), ("release", "=", release), ("policy_digest", "=", policy.digest)]
    rows = [row for row in lake.rows("release.verdicts", COLUMNS, where) if row["version_id"] == version_id]
    by_id: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (_first(row), row["judgment_id"], row["gate"])):
        by_id.setdefault(row["judgment_id"], []).append(row)
    judgments = tuple(_judgment(of_one) for of_one in by_id.values())
    ids = sorted({name for one in judgments for name in one.run_ids})
    runs = lake.rows("evals.runs", ["run_id", "release", "suite", "version_id", "config"], [("run_id", "in", ids)]) if ids else []
    here = {row["run_id"]: row for row in runs if row["version_id"] == version_id}
    gone = frozenset(ids) - {row["run_id"] for row in runs}
    return History(judgments, here, gone, frozenset(gate.of for gate in policy.gates))


def _judgment(rows: Sequence[Row]) -> Judgment:
    gates = [row for row in rows if row["kind"] != "precondition"]
    has_failed = any(row["status"] in ("fail", "conditional") and row["reason"] is None for row in gates)
    has_open = any(row["status"] in ("inconclusive", "conditional") and row["reason"] is not None for row in gates)
    measured = frozenset(row["suite"] for row in gates if row["kind"] in LOOKING and row["value"] is not None)
    head = rows[0]
    sides = tuple(side for side in (head["release"], head["baseline"]) if side is not None)
    is_decided = bool(gates) and (has_failed or not has_open)
    return Judgment(_first(head), sides, tuple(head["run_ids"]), measured, is_decided, {row["gate"]: row for row in gates})


def _first(row: Row) -> dt.datetime:
    """When its judgment was made first: one that comes true again rests on what there was then."""
    return row["first_judged_at"] or row["judged_at"]


def runs_of(current: Mapping[str, Row]) -> Runs:
    """Of rows of `evals.runs` by release."""
    return {release: (row["run_id"],) for release, row in current.items()}


def named(known: Runs, of: Iterable[str]) -> tuple[str, ...]:
    """The runs of these releases, sorted."""
    return tuple(sorted({run_id for release in of for run_id in known.get(release, ())}))


def agree(one: Runs, other: Runs) -> bool:
    """Whether they are no other runs: of each release that both have the same."""
    return all(other.get(release, name) == name for release, name in one.items())
