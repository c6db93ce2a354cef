"""Cases as tests: which scores a case must reach, and what its scores in a run then mean. Nothing here knows a test framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from goldworks.errors import InputError
from goldworks.evaluation.metrics import case_values
from goldworks.evaluation.result import RunResult
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE
from goldworks.lake import Lake
from goldworks.policies import Policy


class CaseTests(Policy):
    """A file `<name>.goldworks.yml`: a run as `goldworks eval run` makes it, and what each case of it must reach.

    `pass_at`: by metric the least value that passes, and null for one that is only reported. A metric that is not named and has
    only 0 and 1 passes at 1; one with values between must be named.
    """

    version: int = Field(ge=1)
    use_case: str
    suite: str | None = Field(default=None, description="a name in expectations/suites, or a YAML file beside this one")
    target: str | None = Field(default=None, description="a name in expectations/targets, or a YAML file beside this one")
    golden_version: str | None = Field(default=None, description="the use case's current one when not given")
    release: str | None = None
    again: int = Field(default=0, ge=0)
    repeats: int = Field(default=1, ge=1)
    seed: int | None = None
    pass_at: dict[str, float | None] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Below:
    """A metric of a case that is below what it must reach. `value` is the mean over repeats."""

    metric: str
    value: float
    least: float
    detail: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a case's scores mean: failed when anything is `below`, else an error when anything is `missing` (metric -> why), else
    passed; with nothing `measured` neither. `is_covered`: the target was asked the case at all.
    """

    below: tuple[Below, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict[str, str])
    measured: Mapping[str, float] = field(default_factory=dict[str, float])
    is_covered: bool = True


class Verdicts:
    """The verdicts on the cases of a finished run."""

    def __init__(self, lake: Lake, result: RunResult, pass_at: Mapping[str, float | None]) -> None:
        """Raises `InputError` for a metric of `pass_at` that the run has not, or a graded one that it does not name."""
        metrics = {one["metric"] for one in result.config["suite"]["metrics"]}
        unknown = sorted(pass_at.keys() - metrics)
        if unknown:
            remedy = f"the suite has: {', '.join(sorted(metrics))}"
            raise InputError(f"pass_at: the suite has no metric {unknown[0]!r}", remedy=remedy)
        rows = lake.rows("evals.scores", where=[("run_id", "=", result.run_id)])
        graded = sorted({row["metric"] for row in rows if row["value"] not in (None, 0, 1)} - pass_at.keys())
        if graded:
            raise InputError(
                f"pass_at: {', '.join(graded)} gives values between 0 and 1, and nothing says which of them pass",
                remedy=f"pass_at: {{{graded[0]}: 0.5}}, or null to report it only",
            )
        self._pass_at = pass_at
        self._values = case_values(rows)
        self._rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in rows:
            self._rows.setdefault((row["case_id"], row["metric"]), []).append(row)
        self._cases = {row["case_id"] for row in rows}

    def of(self, case_id: str) -> Verdict:
        """The verdict on one case."""
        if case_id not in self._cases:
            return Verdict(is_covered=False)
        below: list[Below] = []
        missing: dict[str, str] = {}
        measured: dict[str, float] = {}
        for metric, cases in self._values.items():
            least = self._pass_at.get(metric, 1.0)
            if case_id not in cases or least is None:
                continue
            rows = self._rows[case_id, metric]
            absent = next((row for row in rows if row["value"] is None and row["reason"] != NOT_APPLICABLE), None)
            if absent is not None:
                missing[metric] = ": ".join(filter(None, (absent["reason"], absent["detail"])))
            value = cases[case_id]
            if value is not None:
                measured[metric] = value
                if value < least:
                    below.append(Below(metric, value, least, next((row["detail"] for row in rows if row["value"] != 1), None)))
        return Verdict(tuple(below), missing, measured)
