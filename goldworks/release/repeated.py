"""How often a case of a release changes its verdict, over as many repeats as its gate plans and no others.

Repeats that are added until the rate passes are looks without end: at the limit, a release that is judged after the second to
the sixth passes about twice as often as one that is judged once. So there is no number before the planned verdicts per case are
there, and later runs do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from math import ceil
from typing import Any

from goldworks.evaluation.flakiness import complete_runs, flakiness_over
from goldworks.evaluation.quarantine import FlakinessPolicy
from goldworks.lake import Readable
from goldworks.release.gate_policy import Gate
from goldworks.statistics import Estimate, mean, seed_of

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Repeated:
    """By metric: the mean disagreement of its cases; or the numbers (`--again`) of the runs that it lacks."""

    rates: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    missing: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])


def over_repeats(
    lake: Readable, row: Row, gates: Sequence[Gate], policy: FlakinessPolicy, clusters: Mapping[str, str], confidence: float
) -> Repeated:
    """Of a run (row of `evals.runs`) and the flakiness gates of its suite: over the first complete runs of its configuration."""
    runs = complete_runs(lake.rows("evals.runs", where=[("config_digest", "=", row["config_digest"])]))
    rates: dict[str, Estimate] = {}
    missing: dict[str, tuple[int, ...]] = {}
    for gate in gates:
        assert gate.metric is not None
        first = runs[: runs_for(gate, row["repeats"])]
        lacking = runs_for(gate, row["repeats"]) - len(first)
        if lacking:
            missing[gate.metric] = _free_numbers(row["release"], runs, lacking)
            continue
        found = flakiness_over(lake, [run["run_id"] for run in first], row["config_digest"], policy)
        seen = [one for one in found.cases if one.metric == gate.metric and one.disagreement is not None]
        rates[gate.metric] = mean(
            [one.disagreement for one in seen],
            [clusters.get(one.case_id, one.case_id) for one in seen],
            confidence=confidence,
            seed=seed_of(row["config_digest"], gate.metric, "flakiness"),
        )
    return Repeated(rates, missing)


def runs_for(gate: Gate, repeats: int) -> int:
    """Runs, each asking every case so often, that give it the verdicts that its gate plans."""
    return ceil(gate.verdicts / repeats)


def _free_numbers(release: str, runs: Sequence[Row], lacking: int) -> tuple[int, ...]:
    """The least numbers of which there is no complete run yet: one that was cut short goes on under its own."""
    made = {run["occasion"] for run in runs}
    return tuple(islice((number for number in count(1) if f"release:{release}/again:{number}" not in made), lacking))
