"""Do our metrics rank the releases of a documents assistant as people do? Recorded releases next to their human labels.

python benchmarks/docs_releases.py TRUTH_FOLDER [--home HOME]

HOME (default: GOLDWORKS_HOME) holds the development logs, taken by `goldworks run`; TRUTH_FOLDER their truth files. Every turn
that a person labelled `Fully attributable` or not is scored by the suite `rag`. Three tables: each release, each step from one
release to the next, and the runs on the golden set that the home holds.

The weights of `lexical_support` were fitted on half of these very labels (BEGIN, Wizard of Wikipedia): the figures say that the
metric does its work on such text, not how it does on yours.
"""

from __future__ import annotations

import argparse
import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.compare import find
from goldworks.evaluation.report import in_words
from goldworks.evaluation.result import load_result
from goldworks.evaluation.suites import Scoring, load_suite
from goldworks.golden.case import Case, CasePassage
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT, load_settings
from goldworks.statistics import Estimate, mean, rate, unpaired_difference

USE_CASE = "docs-assistant"
SUPPORTED_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Labelled:
    """One turn that a person labelled, with our scores; None when the answer claims nothing."""

    release: str
    is_attributable: bool
    support: float | None
    answered: float

    @property
    def is_supported(self) -> float | None:
        """Our score as a yes or no."""
        return None if self.support is None else float(self.support >= SUPPORTED_FROM)


def labels(truth: Path) -> dict[str, bool]:
    """Trace id -> whether the answer is fully attributable. Generic answers are left out, as in the published counts of both."""
    with gzip.open(truth / "human_labels.jsonl.gz") as lines:
        rows = [orjson.loads(line) for line in lines]
    rows = [row for row in rows if row["source_dataset"] == "begin" and row["dimension"] == "attribution"]
    return {row["trace_id"]: row["value"] == "Fully attributable" for row in rows if row["value"] != "Generic"}


def scored(lake: Lake, label_of: dict[str, bool]) -> list[Labelled]:
    """Every labelled turn that the lake holds with its reply."""
    ids = lake.read("logs.conversations", ["conversation_id"], [("use_case", "=", USE_CASE)]).column(0).to_pylist()
    where = [("conversation_id", "in", ids)]
    turns = [t for t in lake.rows("logs.turns", ["trace_id", "release", "reply_id"], where) if t["trace_id"] in label_of]
    messages = lake.rows("logs.messages", ["message_id", "trace_id", "role", "text", "passages"], where)
    replies = {row["message_id"]: row["text"] for row in messages if row["role"] == "assistant"}
    passages: dict[str, list[CasePassage]] = {}
    for row in messages:
        if row["role"] == "retrieval":
            found = [CasePassage(id=p["id"], text=p["text"]) for p in row["passages"] or ()]
            passages.setdefault(row["trace_id"], []).extend(found)
    scoring = Scoring.of(load_suite(PROJECT_ROOT / "expectations" / "suites" / "rag.yml"))
    done: dict[str, Labelled] = {}
    for turn in turns:
        if turn["reply_id"] not in replies or turn["release"] is None:
            continue
        trace_id = turn["trace_id"]
        case = Case(
            case_id=trace_id, use_case=USE_CASE, tier="T2", origin="production", passages=tuple(passages.get(trace_id, ()))
        )
        scores = scoring.scores(case, Answer(trace_id, 0, text=replies[turn["reply_id"]]))
        support, answered = scores["lexical_support"].value, scores["answered"].value
        done[trace_id] = Labelled(turn["release"], label_of[trace_id], support, answered or 0.0)
    return list(done.values())


def area(rows: Iterable[Labelled]) -> float | None:
    """Chance that an attributable answer scores above one that is not; ties count half."""
    yes = sorted(row.support for row in rows if row.support is not None and row.is_attributable)
    no = sorted(row.support for row in rows if row.support is not None and not row.is_attributable)
    if not yes or not no:
        return None
    wins = sum((a > b) + (a == b) / 2 for a in yes for b in no)
    return wins / (len(yes) * len(no))


def short(estimate: Estimate) -> str:
    """Value and interval, or why not."""
    return in_words(estimate)


def print_releases(console: Console, groups: dict[str, list[Labelled]]) -> None:
    table = Table(
        "release", "labelled", "human: fully attributable", "lexical_support", "share >= 0.5", "answered", "AUROC",
        title="Each release: what people said, what we say",
    )  # fmt: skip
    for release, rows in [*groups.items(), ("all", [row for group in groups.values() for row in group])]:
        auroc = area(rows)
        table.add_row(
            release,
            str(len(rows)),
            short(rate([row.is_attributable for row in rows])),
            short(mean([row.support for row in rows if row.support is not None])),
            short(rate([row.is_supported for row in rows if row.support is not None])),
            short(rate([row.answered for row in rows])),
            "" if auroc is None else f"{auroc:.3f}",
        )
    console.print(table)


def print_steps(console: Console, groups: dict[str, list[Labelled]]) -> None:
    table = Table("step", "human difference", "our difference", "same verdict", title="Each step: candidate minus base [95 %]")
    for (base, old), (candidate, new) in pairwise(groups.items()):
        human = unpaired_difference([row.is_attributable for row in old], [row.is_attributable for row in new])
        ours = unpaired_difference(supports(old), supports(new))
        table.add_row(f"{base} to {candidate}", short(human), short(ours), "yes" if verdict(human) == verdict(ours) else "NO")
    console.print(table)


def supports(rows: Sequence[Labelled]) -> list[float]:
    return [row.support for row in rows if row.support is not None]


def verdict(difference: Estimate) -> str:
    if difference.low is None or difference.high is None:
        return "unknown"
    return "better" if difference.low > 0 else "worse" if difference.high < 0 else "no difference shown"


def print_runs(console: Console, lake: Lake) -> None:
    rows = lake.rows("evals.runs", ["release"], [("use_case", "=", USE_CASE), ("target_kind", "=", "recorded")])
    table = Table("release", "covered", "not covered", "lexical_support", "answered", title="The golden set: recorded runs")
    for release in sorted({row["release"] for row in rows if row["release"]}):
        result = load_result(lake, find(lake, release)["run_id"])
        numbers = [short(result.estimates[name]) for name in ("lexical_support", "answered")]
        table.add_row(release, str(result.row["cases"]), str(result.not_covered), *numbers)
    console.print(table if table.row_count else "No recorded run of the golden set in this home: goldworks run makes them.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    lake = Lake(load_settings(home=arguments.home).root)
    rows = scored(lake, labels(arguments.truth))
    if not rows:
        raise SystemExit("this home holds none of the labelled turns: take the development logs first (goldworks run --logs)")
    groups: dict[str, list[Labelled]] = {}
    for row in sorted(rows, key=lambda row: row.release):
        groups.setdefault(row.release, []).append(row)
    console = Console(width=150)
    print_releases(console, groups)
    print_steps(console, groups)
    print_runs(console, lake)


if __name__ == "__main__":
    main()
