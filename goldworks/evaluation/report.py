"""The HTML report of a run: one self-contained page, nothing fetched: numbers, the release before, flaky cases, the worst
answers.

It reads well without its script, which only filters. Texts are redacted, as the tables hold them.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from goldworks.errors import InputError
from goldworks.evaluation.compare import Comparison, compare
from goldworks.evaluation.held import held_of
from goldworks.evaluation.result import RunResult
from goldworks.evaluation.worst import worst_answers
from goldworks.lake import Lake
from goldworks.statistics import Estimate

FAILURES_SHOWN = 50
NOT_COMPUTED = {"no_aggregate": "the aggregate's code is not here", "aggregate_error": "the aggregate failed"}
PAGE, SCRIPT = "report.html.j2", "report.js"


def summary_page(lake: Lake, result: RunResult, expectations: Path, written_anew_on: dt.date | None = None) -> str:
    """The page as text. `expectations`: the folder of the policies, for the quarantine of flaky cases. `written_anew_on`: today,
    of a page that takes the place of the one made when the run ended; it says what cannot be known of that day any more.
    """
    suite = result.config["suite"]
    kpis = {one["metric"]: one["kpi"] for one in (*suite["metrics"], *suite.get("aggregates", ()))}
    before = _comparison_with_previous(lake, result.row)
    differences = {one.metric: one for one in before.metrics} if before is not None else {}
    rows = [
        {
            "metric": name,
            "kpi": kpis[name],
            "estimate": estimate,
            "text": in_words(estimate),
            "bar": _bar(estimate),
            "difference": differences[name].difference if name in differences else None,
            "direction": _direction(differences[name].difference) if name in differences else None,
        }
        for name, estimate in result.estimates.items()
        if name not in result.unmeasured
    ]
    failures, total = worst_answers(lake, result.row, FAILURES_SHOWN)
    failed = sorted({name for failure in failures for name in failure.failed})
    return _pages().get_template(PAGE).render(
        result=result, run=result.row, rows=rows, before=before, failures=failures, failed=failed, total=total, signed=_signed,
        script_hash=_script_hash(), in_words=in_words,
        held=held_of(lake, result.row, expectations, written_anew_on),
    )  # fmt: skip


def _comparison_with_previous(lake: Lake, row: Mapping[str, Any]) -> Comparison | None:
    """The run held against the newest one of another release that began before it: of the same use case, suite and cases."""
    same = [(name, "=", row[name]) for name in ("use_case", "suite", "version_id")]
    earlier = [
        one
        for one in lake.rows("evals.runs", ["run_id", "release", "started_at"], same)
        if one["release"] != row["release"] and one["started_at"] < row["started_at"]
    ]
    if row["release"] is None or not earlier:
        return None
    try:
        return compare(lake, max(earlier, key=lambda one: (one["started_at"], one["run_id"]))["run_id"], row["run_id"])
    except InputError:  # no metric in common: there is nothing to compare
        return None


def in_words(estimate: Estimate) -> str:
    """`0.812 [0.744, 0.867]`, or why there is no number. What rests on a model's opinion says so."""
    if estimate.reason in NOT_COMPUTED:
        return f"no value: {NOT_COMPUTED[estimate.reason]}"
    if estimate.value is None:
        return "no value: every answer is missing" if estimate.n_missing else "no value: nothing to measure"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f} (no interval: {estimate.reason})"
    opinion = ", a model's opinion" if estimate.is_judge else ""
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]{opinion}"


def _signed(estimate: Estimate) -> str:
    """`+0.081 [+0.010, +0.152]`, or a dash."""
    if estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:+.3f}"
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"


def _direction(difference: Estimate) -> str:
    """better, worse or undecided: whether the interval leaves 0 out. All metrics of a suite rise."""
    if difference.low is None or difference.high is None:
        return "undecided"
    return "better" if difference.low > 0 else "worse" if difference.high < 0 else "undecided"


def _bar(estimate: Estimate) -> dict[str, str] | None:
    """Places on a bar of width 200 for 0..1; a gap between groups, say, may lie outside and has none."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    if min(estimate.value, estimate.low) < 0 or max(estimate.value, estimate.high) > 1:
        return None
    width = max(1.0, 200 * (estimate.high - estimate.low))
    return {"x": f"{200 * estimate.low:.1f}", "width": f"{width:.1f}", "value": f"{200 * estimate.value:.1f}"}


@lru_cache(maxsize=1)
def _pages() -> Environment:
    here = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=here, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _script_hash() -> str:
    """What the page's security policy lets run: the script that stands in it, and nothing that a text could bring in."""
    return base64.b64encode(hashlib.sha256(_pages().get_template(SCRIPT).render().encode()).digest()).decode()
