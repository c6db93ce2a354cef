"""Do the scorers of tool calls find what is wrong with the mutated releases of the development logs?

python -m benchmarks.tools LOGS [--schemas FOLDER] [--truth FOLDER]

LOGS is a folder of log files, read through Goldworks. FOLDER of the schemas (default: `tool_schemas` beside LOGS, or above) holds
`<service>.<version>.jsonl`, one tool a line; that of the truth (default: `truth` beside LOGS) names every mutated call. No scorer
sees the truth: it is compared with what they said.

Three tables: schemas per release of booking-agent; argument grounding per release of coffee-agent, with the differences; and
recall and false alarms per argument in coffee-agent 1.9. Intervals are 95 %, clustered by conversation.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.tool_turns import Logged, logged_turns
from goldworks.evaluation.report import in_words
from goldworks.evaluation.scorers.argument_grounding import ArgumentGrounding
from goldworks.evaluation.scorers.counts import place
from goldworks.evaluation.scorers.tool_schema import Measure, judgments
from goldworks.golden.tools import read_tools
from goldworks.statistics import Estimate, rate, unpaired_difference

BOOKING, COFFEE = "booking-agent", "coffee-agent"
MUTATED, BEFORE, AFTER = "1.9", "1.8", "1.9.1"
SCHEMA_MEASURES: tuple[Measure, ...] = ("required", "undeclared", "types")
Place = tuple[str, int, str]
"""(trace, 0-based number of the call in the turn, `tool.argument`)."""
Planted = dict[Place, str]
"""Each mutated argument -> its release."""
Judged = tuple[str, Place, bool]
"""(conversation, place, in order)."""


@dataclass
class Found:
    """What the scorers said of every judged argument of each release, and what was planted."""

    planted: Planted
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    schema: dict[tuple[str, str], list[Judged]] = field(default_factory=lambda: defaultdict(list))
    grounding: dict[str, list[Judged]] = field(default_factory=lambda: defaultdict(list))

    def missing_required(self, release: str) -> list[Place]:
        """Every required argument that is missing in a release of booking-agent."""
        return [where for _, where, is_good in self.schema[release, "required"] if not is_good]

    def of_required(self, release: str) -> tuple[int, int, int]:
        """(planted in the release, found of these, found though nothing was planted)."""
        planted = {key for key, of in self.planted.items() if of == release}
        found = self.missing_required(release)
        return len(planted), len(planted & set(found)), sum(key not in planted for key in found)

    def grounded(self, release: str) -> Estimate:
        """Share of judged arguments of a release of coffee-agent that are not supported."""
        return share([(c, not good) for c, _, good in self.grounding[release]])

    def difference(self, base: str, candidate: str) -> Estimate:
        """The same, candidate minus base."""
        a, b = ([(c, not good) for c, _, good in self.grounding[one]] for one in (base, candidate))
        values = ([float(bad) for _, bad in a], [float(bad) for _, bad in b])
        return unpaired_difference(*values, [c for c, _ in a], [c for c, _ in b])

    def recall(self) -> dict[str, tuple[Estimate, Estimate]]:
        """Place -> (share of the swapped values that are found, share of the others that are found too); `all` is all of them."""
        caught: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        alarms: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        for conversation, where, is_good in self.grounding[MUTATED]:
            into = caught if where in self.planted else alarms
            for key in (where[2], "all"):
                into[key].append((conversation, not is_good))
        return {where: (share(caught[where]), share(alarms[where])) for where in sorted(caught)}

    def not_judged(self) -> int:
        """Swapped values of coffee-agent that no judgment looked at: the call was not read, or the value is not judged."""
        seen = {where for rows in self.grounding.values() for _, where, _ in rows}
        return sum(of == MUTATED and key not in seen for key, of in self.planted.items())


def share(rows: Iterable[tuple[str, bool]]) -> Estimate:
    """Rate of (conversation, yes or no)."""
    found = list(rows)
    return rate([yes for _, yes in found], [conversation for conversation, _ in found])


def planted_in(truth: Path) -> Planted:
    """Every mutated argument whose line can be read."""
    rows: list[dict[str, Any]] = [orjson.loads(line) for line in (truth / "mutations.jsonl").read_bytes().splitlines()]
    readable = [row for row in rows if row["line_state"] == "ok"]
    return {(row["trace_id"], row["call_index"], place(row["tool"], row["argument"])): row["release"] for row in readable}


def measure(logs: Path, schemas: Path, truth: Path) -> Found:
    """Everything, in one pass over the logs."""
    tools = {service: read_tools(max(schemas.glob(f"{service}.*.jsonl"))) for service in (BOOKING, COFFEE)}
    found = Found(planted_in(truth))
    grounding = ArgumentGrounding(ArgumentGrounding.Settings())
    for one in logged_turns(logs, tools):
        if one.case.use_case == BOOKING:
            _hold_against_schemas(one, found)
        else:
            rows = grounding.judgments(one.case, one.answer)
            found.grounding[one.release] += [
                (one.case.cluster_id, (one.trace_id, number, where), good) for number, where, good in rows
            ]
    return found


def _hold_against_schemas(one: Logged, found: Found) -> None:
    schemas = {tool.name: tool.parameters for tool in one.case.tools}
    found.calls[one.release] += len(one.answer.tool_calls)
    for number, call in enumerate(one.answer.tool_calls):
        schema = schemas.get(call.name)
        if schema is None:
            continue
        for kind in SCHEMA_MEASURES:
            rows = [(place(call.name, name), good) for name, good in judgments(call, schema, kind) if name is not None]
            found.schema[one.release, kind] += [
                (one.case.cluster_id, (one.trace_id, number, where), good) for where, good in rows
            ]


def print_schemas(console: Console, found: Found) -> None:
    table = Table(
        "release", "calls", "required missing", "planted", "of these found", "others", "undeclared of all given", "wrong type",
        title=f"{BOOKING}: arguments against the schemas",
    )  # fmt: skip
    for release in sorted(found.calls):
        planted, caught, others = found.of_required(release)
        shares = [in_words(share((c, not good) for c, _, good in found.schema[release, kind])) for kind in SCHEMA_MEASURES]
        table.add_row(release, str(found.calls[release]), shares[0], str(planted), str(caught), str(others), *shares[1:])
    console.print(table)


def print_grounding(console: Console, found: Found) -> None:
    table = Table("release", "arguments judged", "not supported", title=f"{COFFEE}: argument grounding")
    for release in sorted(found.grounding):
        table.add_row(release, str(len(found.grounding[release])), in_words(found.grounded(release)))
    console.print(table)
    for base in (BEFORE, AFTER):
        console.print(f"{MUTATED} minus {base}: {in_words(found.difference(base, MUTATED))}")
    rows = Table("argument", "swapped", "found", "recall", "false alarms among the others", title=f"{COFFEE} {MUTATED}")
    for where, (recall, alarms) in found.recall().items():
        rows.add_row(where, str(recall.n), str(round(recall.n * (recall.value or 0))), in_words(recall), in_words(alarms))
    console.print(rows)
    console.print(f"Swapped values that were not judged: {found.not_judged()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--schemas", type=Path)
    parser.add_argument("--truth", type=Path)
    given = parser.parse_args()
    near = [given.logs.parent / "tool_schemas", given.logs.parent.parent / "tool_schemas"]
    schemas = given.schemas or next((folder for folder in near if folder.is_dir()), near[0])
    truth = given.truth or given.logs.parent / "truth"
    for folder in (given.logs, schemas, truth):
        if not folder.is_dir():
            raise SystemExit(f"{folder}: no such folder")
    found = measure(given.logs, schemas, truth)
    console = Console(width=170)
    print_schemas(console, found)
    print_grounding(console, found)


if __name__ == "__main__":
    main()
