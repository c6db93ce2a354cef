"""The part of a golden version that a pull request asks: chosen by what it can show and by the time it takes, not by taste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from statistics import mean
from typing import Any

import msgspec

from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.evaluation.config import RunConfig, asked_of
from goldworks.evaluation.status import status_of
from goldworks.golden.drawing import Item, draw, draw_order
from goldworks.golden.mint import content_version
from goldworks.statistics.power import cases_for_margin, reachable_margin

Row = dict[str, Any]
Content = Mapping[str, Sequence[Row]]
"""Rows by table: one golden version, its cases, runs on it with their answers and scores."""

FEWEST = 20
"""Fewer independent cases compare nothing: an interval of their differences spans half of what is possible."""
OF_EACH_INTENT = 3
"""Cases of every intent that the rest is drawn after, so that the coverage of intents can still be judged."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`margin`: loss that must be shown to be absent, 0..1. `changes`: share of cases whose verdict differs between two releases.
    `minutes` of asking; `concurrency`: answers asked for at once.
    """

    margin: float
    changes: float = 0.1
    minutes: float = 12.0
    concurrency: int = 8


@dataclass(frozen=True, slots=True)
class Smoke:
    """`case_ids`: one of each cluster that was drawn, sorted. `needed`: independent cases that the margin takes. `margin`: what
    those drawn can show 4 times in 5 when nothing changed. `judged_by`: the margin that the check of a pull request takes, the
    one asked for, or `margin` where there are too few cases for it. `minutes` of asking them; null: recorded answers take none.
    """

    case_ids: tuple[str, ...]
    needed: int
    margin: float
    judged_by: float
    minutes: float | None


def run_minutes(cases: int, repeats: int, latency_s: float, concurrency: int) -> float:
    """Minutes that a run takes: cases x repeats x latency / (concurrency x 60)."""
    return cases * repeats * latency_s / (concurrency * 60)


def choose_smoke(content: Content, terms: Terms) -> Smoke:
    """As many independent cases as the margin takes, as far as there are so many and the minutes allow them.

    One case of each cluster, by its hash; of these a draw over intent, origin and tier, seeded by the version, so the same
    version gives the same part. Latency is the mean of the runs in `content`. Raises `InputError` when fewer than 20 remain.
    """
    (version,) = content["golden.versions"]
    salt = version["version_id"]
    representative: dict[str, Row] = {}
    for case in sorted(content["golden.cases"], key=lambda row: draw_order(salt, row["case_id"])):
        representative.setdefault(case["conversation_id"] or case["case_id"], case)
    items = [
        Item(row["case_id"], (row["intent"] or "", row["origin"] or "", row["tier"] or "")) for row in representative.values()
    ]
    needed = cases_for_margin(terms.changes, terms.margin)
    each = _minutes_per_case(content, terms.concurrency)
    affordable = floor(terms.minutes / each + 1e-9) if each else len(items)
    size = min(needed, len(items), affordable)
    if size < FEWEST:
        raise InputError(
            f"a part of {size} independent cases shows nothing: {len(items)} are there, {affordable} fit into "
            f"{terms.minutes:g} minutes",
            remedy=f"give it the minutes of {FEWEST} cases (--minutes {ceil(FEWEST * (each or 0))}), a target that answers "
            "more at once (--concurrency), or push the version whole",
        )
    drawn = draw(items, size, OF_EACH_INTENT, salt)
    names = tuple(sorted(item.item_id for item in drawn))
    margin = reachable_margin(terms.changes, size)
    return Smoke(names, needed, margin, max(terms.margin, margin), size * each if each else None)


def _minutes_per_case(content: Content, concurrency: int) -> float:
    """Asking one case once for every set of answers that runs of the content rest on; suites that share answers ask once."""
    total = 0.0
    for runs in _runs_by_answers(content).values():
        run = runs[0]
        times = [row["latency_ms"] for row in content["evals.answers"] if row["run_id"] == run["run_id"]]
        known = [one for one in times if one is not None]
        if known and run["target_kind"] != "recorded":
            total += run_minutes(1, run["repeats"], mean(known) / 1000, concurrency)
    return total


def _runs_by_answers(content: Content) -> dict[str, list[Row]]:
    """Runs that ask the same, whatever the occasion: a pull request asks once."""
    found: dict[str, list[Row]] = {}
    for run in content["evals.runs"]:
        found.setdefault(digest(asked_of(msgspec.json.decode(run["config"]))), []).append(run)
    return found


def part_of(content: Content, case_ids: Sequence[str], margin: float) -> dict[str, list[Row]]:
    """The content with these cases only: a golden version of its own, by its digest, which says the margin it is judged by, and
    the runs as if made on it.
    """
    wanted = frozenset(case_ids)
    (version,) = content["golden.versions"]
    cases = [row for row in content["golden.cases"] if row["case_id"] in wanted]
    content_digest, version_id = content_version(version["use_case"], [row["case_digest"] for row in cases])
    answers = [row for row in content["evals.answers"] if row["case_id"] in wanted]
    runs = {run["run_id"]: _run_on(run, version_id, len(cases), answers) for run in content["evals.runs"]}
    named = {old: run["run_id"] for old, run in runs.items()}
    scores = [row for row in content["evals.scores"] if row["case_id"] in wanted]
    return {
        "golden.versions": [
            {
                **version,
                "version_id": version_id,
                "content_digest": content_digest,
                "cases": len(cases),
                "smoke_margin": margin,
            }
        ],
        "golden.cases": [{**row, "version_id": version_id} for row in cases],
        "evals.runs": list(runs.values()),
        "evals.answers": [{**row, "run_id": named[row["run_id"]]} for row in answers],
        "evals.scores": [{**row, "run_id": named[row["run_id"]]} for row in scores],
    }


def _run_on(run: Row, version_id: str, cases: int, answers: Sequence[Row]) -> Row:
    config = msgspec.structs.replace(msgspec.json.decode(run["config"], type=RunConfig), version_id=version_id)
    own = [row["status"] for row in answers if row["run_id"] == run["run_id"]]
    wanted, received = cases * run["repeats"], own.count("ok")
    return {
        **run,
        "run_id": config.run_id(run["occasion"]),
        "config": config.as_json,
        "config_digest": config.digest,
        "version_id": version_id,
        "cases": cases,
        "answers": received,
        "missing": wanted - received,
        "status": status_of(received, wanted, run["stopped"]),
    }
