"""Judging every release that is newest in its use case, or those that are named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from goldworks.access.signing import Signer
from goldworks.errors import GoldworksError
from goldworks.evaluation.releases import load_releases
from goldworks.golden.read import versions
from goldworks.lake import Lake
from goldworks.release.deciding import Decision, decide
from goldworks.release.gate_policy import load_gate_policies


@dataclass(frozen=True, slots=True)
class Judged:
    """`decisions` that were made; `not_judged`: `use_case/release` to why it could not be."""

    decisions: tuple[Decision, ...]
    not_judged: dict[str, str]


def judge_all(
    lake: Lake, expectations: Path, signer: Signer, only: Collection[str] = (), now: dt.datetime | None = None
) -> Judged:
    """Judge the releases `only` (`use_case/release`), else the newest of each use case. One that cannot be judged stops no other.

    Raises `PolicyError` when the gate policies cannot be used at all.
    """
    load_gate_policies(expectations)
    decisions: list[Decision] = []
    failed: dict[str, str] = {}
    for name in only or newest(lake, expectations):
        use_case, _, release = name.partition("/")
        try:
            decisions.append(decide(lake, expectations, signer, release, use_case=use_case, now=now))
        except GoldworksError as error:
            failed[name] = error.what
    return Judged(tuple(decisions), failed)


def newest(lake: Lake, expectations: Path) -> list[str]:
    """`use_case/release` of the newest release of each use case with a golden version, by the files, else by the runs."""
    with_version = sorted({row["use_case"] for row in versions(lake) if not row["is_tombstone"]})
    declared = load_releases(expectations)
    runs = sorted(lake.rows("evals.runs", ["use_case", "release", "started_at"]), key=lambda row: row["started_at"])
    found: list[str] = []
    for use_case in with_version:
        made = [row["release"] for row in runs if row["use_case"] == use_case and row["release"] is not None]
        named = [one.release for one in declared if one.use_case == use_case and one.release in made]
        if named or made:
            found.append(f"{use_case}/{(named or made)[-1]}")
    return found
