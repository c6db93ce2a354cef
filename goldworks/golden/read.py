"""Reading minted versions: what the evaluation, the reports and the command line need of a golden set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldworks.errors import InputError
from goldworks.golden.case import Case, CaseCall, CaseMessage, CasePassage, CaseTool, Expected, ExpectedCall, case_of
from goldworks.lake import Lake, Readable

__all__ = [
    "Case",
    "CaseCall",
    "CaseMessage",
    "CasePassage",
    "CaseTool",
    "Expected",
    "ExpectedCall",
    "latest_version",
    "latest_versions",
    "read_version",
    "require_version",
    "resolve_version",
    "smoke_margin",
    "versions",
    "what_remains",
    "why_gone",
]

GONE = {
    "retention": "deleted, for cases in it are past retention",
    "reveal": "replaced, for a value in it was recognised later",
}


def read_version(lake: Lake, version_id: str) -> list[Case]:
    """The cases of a version, by case id. Raises `InputError` when there is none, or when it was erased."""
    require_version(lake, version_id)
    rows = lake.rows("golden.cases", where=[("version_id", "=", version_id)])
    return sorted((case_of(row) for row in rows), key=lambda case: case.case_id)


def require_version(lake: Lake, version_id: str) -> None:
    """Raise `InputError` when there is no such version, or when it was erased."""
    row = next((row for row in versions(lake) if row["version_id"] == version_id), None)
    if row is None:
        raise InputError(f"no golden version {version_id!r}", remedy="goldworks golden list")
    if row["is_tombstone"]:
        raise InputError(
            f"the golden version {version_id} was {why_gone(row)}; a successor holds its remaining cases",
            remedy=f"goldworks golden list; the current version is {latest_version(lake, row['use_case']) or 'not minted yet'}",
        )


def why_gone(row: Mapping[str, Any]) -> str:
    """What became of a tombstone, a row of `golden.versions`, and why."""
    return GONE.get(row.get("tombstoned_by") or "", "erased on request")


def versions(lake: Readable, use_case: str | None = None) -> list[dict[str, Any]]:
    """Rows of `golden.versions` (of one use case), the current one last: a part for pull requests only where nothing else is."""
    where = [("use_case", "=", use_case)] if use_case is not None else None
    return sorted(
        lake.rows("golden.versions", where=where),
        key=lambda row: (row["smoke_margin"] is None, row["current_at"] or row["minted_at"], row["version_id"]),
    )


def smoke_margin(lake: Lake, version_id: str) -> float | None:
    """Of a version that is the part of one for pull requests, the loss that it can rule out, 0..1; None: it is a whole one."""
    found = lake.rows("golden.versions", ["smoke_margin"], [("version_id", "=", version_id)])
    return found[0]["smoke_margin"] if found else None


def what_remains(lake: Readable, version_id: str) -> str:
    """The version itself; of an erased one, the successor that took its place, as far as there is one."""
    known = {row["version_id"]: row for row in versions(lake)}
    while version_id in known and known[version_id]["is_tombstone"]:
        old = known[version_id]
        place = old["current_at"] or old["minted_at"]
        children = (row for row in known.values() if row["parent_version_id"] == version_id and row["current_at"] == place)
        child = next(children, None)
        if child is None:
            break
        version_id = child["version_id"]
    return version_id


def latest_version(lake: Lake, use_case: str) -> str | None:
    """The current version of a use case: the one whose content was minted last, be it for the first time or again."""
    found = [row["version_id"] for row in versions(lake, use_case) if not row["is_tombstone"]]
    return found[-1] if found else None


def latest_versions(lake: Lake) -> list[str]:
    """The current version of every use case that has one, by use case."""
    current = {row["use_case"]: row["version_id"] for row in versions(lake) if not row["is_tombstone"]}
    return [current[use_case] for use_case in sorted(current)]


def resolve_version(lake: Lake, name: str) -> str:
    """A version by its id, by the beginning of its id, or by its use case (then the current one). Raises `InputError`."""
    ids = [row["version_id"] for row in versions(lake)]
    if name in ids:
        return name
    current = latest_version(lake, name)
    if current is not None:
        return current
    near = [version_id for version_id in ids if version_id.startswith(name)]
    if len(near) == 1:
        return near[0]
    what = f"{name!r} begins {len(near)} golden versions" if near else f"no golden version or use case {name!r}"
    raise InputError(what, remedy="goldworks golden list shows them")
