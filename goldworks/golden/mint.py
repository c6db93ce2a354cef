"""Minting: the approved candidates of a use case become an immutable version, whose id is the digest of their content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.faults import fault_point
from goldworks.golden.case import case_digest, case_of, row_of
from goldworks.golden.each import for_each
from goldworks.golden.read import versions, why_gone
from goldworks.golden.register import Row, alone, read_candidates, use_cases_with_candidates
from goldworks.lake import Lake
from goldworks.use_cases import UseCase, UseCases


@dataclass(frozen=True, slots=True)
class Minted:
    """What minting gave. `is_new`: the version did not exist before."""

    use_case: str
    version_id: str
    cases: int
    is_new: bool


def content_version(use_case: str, case_digests: Sequence[str]) -> tuple[str, str]:
    """(content digest, version id) of the cases with these digests."""
    content_digest = digest([use_case, sorted(case_digests)])
    return content_digest, f"{use_case}-{content_digest[:12]}"


def mint(lake: Lake, use_case: UseCase, key: bytes, now: datetime | None = None) -> Minted:
    """Mint the approved candidates of a use case. The same content is the same version, which then becomes the current one.

    Raises `InputError` when nothing is approved. The cases are written before the version's row, so a version that is seen is
    whole; a kill in between leaves cases that no version names, which the next minting of the use case removes.
    """
    with alone(lake):
        name = use_case.name
        candidates = read_candidates(lake, name)
        approved = [row for _, row in sorted(candidates.items()) if row["state"] == "approved"]
        if not approved:
            raise InputError(f"use case {name} has no approved case to mint", remedy=_way_to_approve(name, candidates))
        now = now or datetime.now(UTC)
        cases = [case_of(row) for row in approved]
        digests = [case_digest(case, key) for case in cases]
        content_digest, version_id = content_version(name, digests)
        known = versions(lake, name)
        _remove_unfinished(lake, name, {row["version_id"] for row in known})
        current = next((row for row in reversed(known) if not row["is_tombstone"]), None)
        same = next((row for row in known if row["version_id"] == version_id), None)
        if same is not None:
            _make_current(lake, same, current, now)
            return Minted(name, version_id, len(cases), is_new=False)
        rows = ({**row_of(case), "version_id": version_id, "case_digest": d} for case, d in zip(cases, digests, strict=True))
        lake.replace("golden.cases", rows, {"version_id": version_id})
        fault_point("golden.cases_written")
        row = {
            "version_id": version_id,
            "use_case": name,
            "content_digest": content_digest,
            "parent_version_id": current["version_id"] if current else None,
            "cases": len(cases),
            "approvers": sorted({row["reviewed_by"] for row in approved}),
            "owner": use_case.owner,
            "minted_at": now,
            "current_at": None,
            "is_tombstone": False,
        }
        lake.upsert("golden.versions", [row])
        return Minted(name, version_id, len(cases), is_new=True)


def mint_approved(lake: Lake, use_cases: UseCases, key: bytes) -> list[Minted]:
    """Mint every use case that has approved candidates.

    Every use case is worked on, whatever becomes of another; then `GoldworksError` names those that failed.
    """
    approved = set(lake.read("golden.candidates", ["use_case"], [("state", "=", "approved")]).column(0).to_pylist())
    names = [name for name in use_cases_with_candidates(lake) if name in approved]
    return list(for_each(names, lambda name: mint(lake, use_cases.get(name), key), "minting").values())


def _make_current(lake: Lake, same: Row, current: Row | None, now: datetime) -> None:
    if same["is_tombstone"]:
        raise InputError(
            f"the golden version {same['version_id']} was {why_gone(same)}, and this is its content again",
            remedy=f"retire or edit the cases that are gone from its successor: goldworks golden show {same['use_case']}",
        )
    if current is not None and current["version_id"] != same["version_id"]:
        lake.upsert("golden.versions", [{**same, "current_at": now}])


def _remove_unfinished(lake: Lake, use_case: str, finished: set[str]) -> None:
    """Remove cases whose version was never finished. The lock is held, so nobody is at work on them."""
    ids = [partition["version_id"] for partition in lake.partitions("golden.cases")]
    for version_id in ids:
        if version_id.rpartition("-")[0] == use_case and version_id not in finished:
            lake.delete("golden.cases", {"version_id": version_id})


def _way_to_approve(use_case: str, candidates: Mapping[str, Row]) -> str:
    waiting = sum(row["state"] == "proposed" for row in candidates.values())
    if not waiting:
        return "first propose cases from the logs (goldworks golden propose) or write some (goldworks golden import --help)"
    return f"look at the {waiting} proposed ones (goldworks golden show {use_case}), then: goldworks golden approve --help"
