"""The last screen of `goldworks demo`: what happened, how the releases compare, and where to look. Everything is read from
the tables, so a second demo says the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table

from goldworks.evaluation.compare import Comparison, MetricComparison, compare
from goldworks.golden.read import latest_version, versions
from goldworks.home import Home
from goldworks.lake import Lake
from goldworks.release.outputs import plain as plain_verdict
from goldworks.release.verdict import Verdict
from pipelines.as_json import print_json
from pipelines.line import intake_totals

COMMAND = "  "
VERDICT_COLOURS = {"pass": "green", "conditional": "yellow", "inconclusive": "yellow", "fail": "red"}
QUERY = "select use_case, release, conversations, negative_feedback_rate from kpi_conversations_by_release"


@dataclass(frozen=True, slots=True)
class Assistant:
    """An assistant of the sample: its suites, its two releases, older first, and the target that is each of them."""

    use_case: str
    suites: tuple[str, ...]
    releases: tuple[str, str]
    targets: tuple[str, str]

    def run_of(self, lake: Lake, release: str, target: str, suite: str) -> dict[str, Any] | None:
        """The newest run of a release on the current golden version, or None."""
        where = [("use_case", "=", self.use_case), ("release", "=", release), ("target", "=", target), ("suite", "=", suite)]
        version = latest_version(lake, self.use_case)
        rows = [row for row in lake.rows("evals.runs", where=where) if row["version_id"] == version]
        return max(rows, key=lambda row: row["started_at"], default=None)


def gather(
    home: Home,
    assistants: Sequence[Assistant],
    seconds: Mapping[str, float],
    *,
    is_new: bool,
    notes: Sequence[str],
    verdicts: Sequence[Verdict],
) -> dict[str, Any]:
    """All that the screen says, as plain data."""
    types = Counter(row["type"] for row in home.lake.rows("logs.entities", ["type"]))
    wanted = {one.use_case for one in assistants}
    current = {latest_version(home.lake, name) for name in wanted}
    golden = [
        {name: row[name] for name in ("use_case", "version_id", "cases", "approvers", "owner")}
        for row in versions(home.lake)
        if row["version_id"] in current
    ]
    where = {
        "home": str(home.root),
        "logs": str(home.logs()),
        "marts": str(home.marts),
        "mlflow": str(home.mlflow),
        "data_docs": str(home.data_docs),
    }
    return {
        "status": "done" if is_new else "was done before, nothing was done twice",
        "seconds": dict(seconds),
        "intake": intake_totals(home),
        "redacted": dict(types.most_common()),
        "golden": sorted(golden, key=lambda row: row["use_case"]),
        "comparisons": [_plain(one, _compared(home.lake, one, suite)) for one in assistants for suite in one.suites],
        "verdicts": [plain_verdict(one) for one in verdicts],
        "where": where,
        "notes": list(notes),
        "next": [
            f"uv run goldworks gate --use-case {assistants[-1].use_case} --release {assistants[-1].releases[1]}",
            "uv run goldworks ui",
            f'uv run goldworks sql "{QUERY}"',
            f"uv run goldworks eval compare {' '.join(assistants[-1].releases)}",
        ],
    }


def _compared(lake: Lake, assistant: Assistant, suite: str) -> Comparison:
    runs = [assistant.run_of(lake, *pair, suite) for pair in zip(assistant.releases, assistant.targets, strict=True)]
    ids = [row["run_id"] for row in runs if row is not None]
    return compare(lake, ids[0], ids[1])


def _plain(assistant: Assistant, found: Comparison) -> dict[str, Any]:
    metrics = {
        one.metric: {
            **{name: asdict(getattr(one, name)) for name in ("base", "candidate", "difference")},
            "verdict": verdict(one),
        }
        for one in found.metrics
        if one.difference.value is not None
    }
    sides = {
        side: {name: row[name] for name in ("release", "run_id", "target", "cases", "missing", "mlflow_run_id")}
        for side, row in (("base", found.base), ("candidate", found.candidate))
    }
    return {
        "use_case": assistant.use_case,
        "suite": found.candidate["suite"],
        "is_paired": found.is_paired,
        **sides,
        "metrics": metrics,
        "warnings": list(found.warnings),
    }


def verdict(metric: MetricComparison) -> str:
    """better, worse, or undecided: whether the interval of the difference leaves 0 out. All metrics of the suites rise."""
    low, high = metric.difference.low, metric.difference.high
    if low is None or high is None:
        return "undecided"
    return "better" if low > 0 else "worse" if high < 0 else "undecided"


def show(facts: Mapping[str, Any], as_json: bool) -> None:
    """Print the facts: a screen for people, or JSON."""
    if as_json:
        print_json(facts)
        return
    console = Console()
    intake = facts["intake"]
    counted = ("lines", "records", "duplicates", "quarantined", "empty", "suppressed")
    console.rule(f"[bold]Harbor Outfitters: {facts['status']}")
    for note in facts["notes"]:
        console.print(f"Note: {note}", markup=False)
    console.print(_row("Intake", {name: intake[name] for name in ("files", *counted, "conversations")}))
    console.print(_row("Redacted, by type", facts["redacted"]))
    golden = _table("Golden sets", "version", "cases", "owner", "approved by")
    for row in facts["golden"]:
        golden.add_row(row["version_id"], str(row["cases"]), row["owner"], ", ".join(row["approvers"]))
    console.print(golden)
    for one in facts["comparisons"]:
        console.print(_comparison(one))
    console.print("[bold]May they be released?[/]")
    for one in facts["verdicts"]:
        console.print(f"[{VERDICT_COLOURS[one['status']]}]{escape(one['headline'])}[/]", highlight=False)
        for gate in one["gates"]:
            if gate["status"] == "fail":
                console.print(f"  {gate['gate']}: {gate['words']}.", markup=False, highlight=False)
            elif gate["status"] == "inconclusive" and one["status"] == "inconclusive":
                settle = f" To settle it: {gate['settle']['words']}." if gate["settle"] else ""
                console.print(f"  {gate['gate']}: {gate['words']}.{settle}", markup=False, highlight=False)
    for line in _places(facts):
        console.print(line, soft_wrap=line.startswith(COMMAND))  # a command is copied, so it stays one line


def _row(title: str, values: Mapping[str, int]) -> Table:
    table = _table(title, *(name.replace("_", " ").lower() for name in values))
    table.add_row(*(f"{value:,}" for value in values.values()))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=f"[bold]{title}[/]", title_justify="left", title_style="", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _comparison(one: Mapping[str, Any]) -> Group:
    base, candidate = one["base"], one["candidate"]
    cases = f"the same {base['cases']} cases" if one["is_paired"] else f"{base['cases']} and {candidate['cases']} cases"
    title = f"{one['use_case']}, {one['suite']}: {candidate['release']} against {base['release']}, {cases}, % [95 % interval]"
    table = _table(title, "metric (n, if fewer)", base["release"], candidate["release"], "difference", "")
    colours = {"better": "green", "worse": "red", "undecided": "dim"}
    for name, metric in one["metrics"].items():
        cells = [_percent(metric[side], sign=side == "difference") for side in ("base", "candidate", "difference")]
        n = metric["difference"]["n"]
        table.add_row(
            name if n == base["cases"] else f"{name} ({n})", *cells, f"[{colours[metric['verdict']]}]{metric['verdict']}[/]"
        )
    return Group(table, *(f"Note: {warning}." for warning in one["warnings"]))


def _percent(estimate: Mapping[str, Any], *, sign: bool) -> str:
    """`75 [66, 82]`, or with a sign."""
    if estimate["value"] is None:
        return "none"
    form = "{:+.0f}" if sign else "{:.0f}"
    value, low, high = (
        form.format(100 * part) if part is not None else None for part in map(estimate.get, ("value", "low", "high"))
    )
    return f"{value}" if low is None or high is None else f"{value} \\[{low}, {high}]"


def _places(facts: Mapping[str, Any]) -> Iterator[str]:
    where, seconds = facts["where"], facts["seconds"]
    yield (
        f"Everything lies in {where['home']}: marts.duckdb for analysts, mlflow/ with one run per evaluation, pages/ with "
        "the data contracts."
    )
    if "evidence" in where:
        yield f"Evidence of the last verdict, signed: {where['evidence']} (open index.html; goldworks verify checks it)."
    if seconds:
        spent = ", ".join(f"{name} {value:.0f} s" for name, value in seconds.items())
        yield f"Time: {spent}; {sum(seconds.values()):.0f} s in all."
    yield "Next:"
    yield from (f"{COMMAND}[bold]{command}[/]" for command in facts["next"])
