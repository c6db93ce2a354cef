"""The HTML summary of a run: one self-contained page, no script, nothing fetched. Texts are redacted previews of failures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, StrictUndefined, Template

from goldworks.evaluation.result import RunResult
from goldworks.golden.read import what_remains
from goldworks.lake import Lake
from goldworks.statistics import Estimate

PREVIEW_CHARACTERS = 240
FAILURES_SHOWN = 20
FAILURE_BELOW = 0.5
NOT_COMPUTED = {"no_aggregate": "the aggregate's code is not here", "aggregate_error": "the aggregate failed"}
PAGE = Path(__file__).with_name("summary.html.j2")


def summary_page(lake: Lake, result: RunResult) -> str:
    """The page as text."""
    suite = result.config["suite"]
    kpis = {one["metric"]: one["kpi"] for one in (*suite["metrics"], *suite.get("aggregates", ()))}
    rows = [
        {"metric": name, "kpi": kpis[name], "estimate": estimate, "text": in_words(estimate), "bar": _bar(estimate)}
        for name, estimate in result.estimates.items()
        if name not in result.unmeasured
    ]
    failures, total = _failures(lake, result)
    return _template().render(result=result, run=result.row, rows=rows, failures=failures, total=total)


def in_words(estimate: Estimate) -> str:
    """`0.812 [0.744, 0.867]`, or why there is no number."""
    if estimate.reason in NOT_COMPUTED:
        return f"no value: {NOT_COMPUTED[estimate.reason]}"
    if estimate.value is None:
        return "no value: every answer is missing" if estimate.n_missing else "no value: nothing to measure"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f} (no interval: {estimate.reason})"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _bar(estimate: Estimate) -> dict[str, str] | None:
    """Places on a bar of width 200 for 0..1; a gap between groups, say, may lie outside and has none."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    if min(estimate.value, estimate.low) < 0 or max(estimate.value, estimate.high) > 1:
        return None
    width = max(1.0, 200 * (estimate.high - estimate.low))
    return {"x": f"{200 * estimate.low:.1f}", "width": f"{width:.1f}", "value": f"{200 * estimate.value:.1f}"}


def _failures(lake: Lake, result: RunResult) -> tuple[list[dict[str, Any]], int]:
    """The worst answers (lowest mean score first), and how many answers have a score below one half."""
    where = [("run_id", "=", result.run_id)]
    scores: dict[tuple[str, int], dict[str, float]] = {}
    for row in lake.rows("evals.scores", ["case_id", "repeat", "metric", "value"], where):
        if row["value"] is not None:
            scores.setdefault((row["case_id"], row["repeat"]), {})[row["metric"]] = row["value"]
    bad = {key: values for key, values in scores.items() if min(values.values()) < FAILURE_BELOW}
    worst = sorted(bad, key=lambda key: (sum(bad[key].values()) / len(bad[key]), key))[:FAILURES_SHOWN]
    chosen = [("case_id", "in", sorted({case_id for case_id, _ in worst}))]
    answers = {(row["case_id"], row["repeat"]): row for row in lake.rows("evals.answers", where=[*where, *chosen])}
    version = what_remains(lake, result.row["version_id"])
    cases = lake.rows("golden.cases", ["case_id", "messages"], [("version_id", "=", version), *chosen])
    asked = {case["case_id"]: _asked(case["messages"]) for case in cases}
    shown = [
        {
            "case_id": case_id,
            "repeat": repeat,
            "scores": sorted((name, value) for name, value in bad[case_id, repeat].items() if value < FAILURE_BELOW),
            "asked": _preview(asked.get(case_id)),
            "answer": _preview(answers[case_id, repeat]["text"] or answers[case_id, repeat]["tool_calls"]),
        }
        for case_id, repeat in worst
    ]
    return shown, len(bad)


def _asked(messages: str) -> str | None:
    return next((m.get("text") for m in reversed(orjson.loads(messages)) if m.get("role") == "user"), None)


def _preview(text: str | None) -> str:
    flat = " ".join((text or "").split())
    return flat if len(flat) <= PREVIEW_CHARACTERS else flat[: PREVIEW_CHARACTERS - 1] + "…"


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(PAGE.read_text(encoding="utf-8"))
