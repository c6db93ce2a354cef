"""Finding cases by what a person calls them: a use case, a version, or a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from goldworks.errors import InputError
from goldworks.golden.read import resolve_version, versions
from goldworks.golden.register import read_candidates, use_cases_with_candidates
from goldworks.lake import Lake


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of `golden.candidates`, or of `golden.cases` for a version, by case id; `name` in full."""

    kind: Literal["use case", "version", "case"]
    name: str
    rows: tuple[dict[str, Any], ...]


def find(lake: Lake, name: str, state: str | None = None) -> Found:
    """What `name` names; of candidates only those in `state`, if given.

    A case is looked up among the candidates, then in the versions, the current one first. Raises `InputError` saying what
    there is.
    """
    if name in use_cases_with_candidates(lake):
        rows = (row for _, row in sorted(read_candidates(lake, name).items()) if state in (None, row["state"]))
        return Found("use case", name, tuple(rows))
    row = read_candidates(lake).get(name)
    if row is not None:
        return Found("case", name, (row,) if state in (None, row["state"]) else ())
    minted = [row["version_id"] for row in reversed(versions(lake)) if not row["is_tombstone"]]
    in_versions = {row["version_id"]: row for row in lake.rows("golden.cases", where=[("case_id", "=", name)])}
    for version_id in minted:
        if version_id in in_versions:
            return Found("case", name, (in_versions[version_id],))
    if not any(version_id.startswith(name) for version_id in minted):
        known = ", ".join(use_cases_with_candidates(lake)) or "none yet"
        raise InputError(
            f"no use case, golden version or case {name!r}",
            remedy=f"goldworks golden list shows versions; use cases with candidates: {known}",
        )
    version_id = resolve_version(lake, name)
    rows = lake.rows("golden.cases", where=[("version_id", "=", version_id)])
    return Found("version", version_id, tuple(sorted(rows, key=lambda row: row["case_id"])))
