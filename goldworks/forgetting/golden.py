"""Golden sets forget: cases go or lose a value; each version that held them gets a successor and becomes a tombstone.

The successor takes the place of its parent: it is the current version when that was, and the approvals stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from goldworks.digests import digest
from goldworks.faults import fault_point
from goldworks.forgetting.holders import Forgotten
from goldworks.forgetting.lineage import Lineage
from goldworks.forgetting.texts import known_of
from goldworks.golden.case import case_digest, case_of, row_of
from goldworks.golden.read import versions
from goldworks.golden.redacting import Redactor, redact_again
from goldworks.golden.register import read_candidates, use_cases_with_candidates
from goldworks.lake import Lake
from goldworks.orders import Counts, Order

Row = dict[str, Any]


class GoldenSets:
    """`golden.*`. The caller holds the lock of the golden sets."""

    place = "golden"

    def __init__(self, lake: Lake, key: bytes, redactor: Redactor) -> None:
        self._lake, self._key, self._redactor = lake, key, redactor

    def forget(self, order: Order) -> Forgotten:
        """Versions first, so that no run begins any more on what is to go; then candidates."""
        lineage = Lineage(self._lake)
        counts = {"versions": 0, "cases": 0, "candidates": 0}
        successors: dict[str, str | None] = {}
        for version_id in order.scope.versions:
            successor, lost = self._version(version_id, order, lineage)
            if successor != version_id:
                successors[version_id] = successor
                counts["versions"] += 1
                counts["cases"] += lost
                fault_point("forgetting.golden_half_done")
        counts["candidates"] = sum(self._candidates(name, order, lineage) for name in use_cases_with_candidates(self._lake))
        if counts["versions"]:
            self._lake.purge("golden.cases")
        if counts["candidates"]:
            self._lake.purge("golden.candidates")
        return Forgotten(counts, successors)

    def foresee(self, order: Order) -> Counts:
        """What `forget` would count, nothing being changed."""
        lineage = Lineage(self._lake)
        lost = [self._lost(rows, self._redacted(rows, order, lineage)) for rows in map(self._rows, order.scope.versions)]
        names = use_cases_with_candidates(self._lake)
        proposed = sum(self._differing(name, order, lineage)[0] for name in names)
        return {"versions": sum(map(bool, lost)), "cases": sum(lost), "candidates": proposed}

    def _rows(self, version_id: str) -> list[Row]:
        return self._lake.rows("golden.cases", where=[("version_id", "=", version_id)])

    @staticmethod
    def _lost(before: Sequence[Row], after: Sequence[Row]) -> int:
        """Cases that go or change."""
        same = {row["case_id"]: row["case_digest"] for row in before}
        return len(before) - sum(same[row["case_id"]] == row["case_digest"] for row in after)

    def _version(self, version_id: str, order: Order, lineage: Lineage) -> tuple[str | None, int]:
        """(its successor, cases that went or changed); itself when nothing of it is concerned."""
        known = {row["version_id"]: row for row in versions(self._lake)}
        old = known[version_id]
        rows = self._rows(version_id)
        if old["is_tombstone"]:  # written before a kill
            self._lake.delete("golden.cases", {"version_id": version_id})
            return order.successors.get(version_id) or _child(known, old, order), len(rows)
        after = self._redacted(rows, order, lineage)
        lost = self._lost(rows, after)
        if not lost:
            return version_id, 0
        successor = self._successor(old, after, known, order) if after else None
        fault_point("forgetting.successor_written")
        self._lake.upsert("golden.versions", [{**old, "is_tombstone": True, "tombstoned_by": order.kind}])
        self._lake.delete("golden.cases", {"version_id": version_id})
        return successor, lost

    def _successor(self, old: Row, rows: Sequence[Row], known: dict[str, Row], order: Order) -> str:
        content_digest = digest([old["use_case"], sorted(row["case_digest"] for row in rows)])
        version_id = f"{old['use_case']}-{content_digest[:12]}"
        place = old["current_at"] or old["minted_at"]
        same = known.get(version_id)
        if same is not None:  # the rest was a version of its own
            if (same["current_at"] or same["minted_at"]) < place:
                self._lake.upsert("golden.versions", [{**same, "current_at": place}])
            return version_id
        self._lake.replace("golden.cases", [{**row, "version_id": version_id} for row in rows], {"version_id": version_id})
        row = {
            **old,
            "version_id": version_id,
            "content_digest": content_digest,
            "parent_version_id": old["version_id"],
            "cases": len(rows),
            "minted_at": order.opened_at,
            "current_at": place,
        }
        self._lake.upsert("golden.versions", [row])
        return version_id

    def _candidates(self, use_case: str, order: Order, lineage: Lineage) -> int:
        differing, after = self._differing(use_case, order, lineage)
        if differing:
            self._lake.replace("golden.candidates", after, {"use_case": use_case})
        return differing

    def _differing(self, use_case: str, order: Order, lineage: Lineage) -> tuple[int, list[Row]]:
        """(proposed cases that go or change, those that stay)."""
        before = read_candidates(self._lake, use_case)
        after = {row["case_id"]: row for row in self._redacted([*before.values()], order, lineage)}
        return sum(after.get(case_id) != row for case_id, row in before.items()), [*after.values()]

    def _redacted(self, rows: Sequence[Row], order: Order, lineage: Lineage) -> list[Row]:
        """The rows that stay, by case id, without the values."""
        gone = set(order.scope.cases)
        units = set(order.scope.values)
        kept = [row for row in sorted(rows, key=lambda row: row["case_id"]) if row["case_id"] not in gone]
        touched = [row for row in kept if units & lineage.units(row["case_id"])]
        cases = [case_of(row) for row in touched]
        known = [known_of(order.scope.values, lineage.units(case.case_id)) for case in cases]
        done = redact_again(cases, known, self._redactor) if cases else []
        new: dict[str, Row | None] = {}
        for row, case, again in zip(touched, cases, done, strict=True):
            if again is None:
                new[row["case_id"]] = None  # cannot be redacted, so it cannot stay
            elif again != case:
                new[row["case_id"]] = {**row, **row_of(again), "case_digest": case_digest(again, self._key)}
        found = (new.get(row["case_id"], row) for row in kept)
        return [row for row in found if row is not None]


def _child(known: dict[str, Row], old: Row, order: Order) -> str | None:
    """The successor that was written before a kill."""
    minted = (row for row in known.values() if row["parent_version_id"] == old["version_id"])
    return next((row["version_id"] for row in minted if row["minted_at"] == order.opened_at), None)
