"""The review forgets: tasks, labels and refusals of what goes. Its tables hold ids and choices, and no text."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from goldworks.forgetting.holders import Forgotten
from goldworks.lake import Lake
from goldworks.orders import Counts, Order
from goldworks.review.queue import alone

NAMES = ("tasks", "labels", "refusals")


class Reviews:
    """`review.*`, but for agreement and strata, which are counts; and the folder `labels`, whose waiting files hold texts."""

    place = "reviews"

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def forget(self, order: Order) -> Forgotten:
        """Rows of erased conversations and cases go, with the old files' bytes, and files of the folder that speak of them.

        Files first: what leads to them stands in the tables.
        """
        counts: Counts = dict.fromkeys((*NAMES, "files"), 0)
        if not (order.scope.conversations or order.scope.cases):
            return Forgotten(counts)
        with alone(self._lake):
            for path in self._files(order):
                path.unlink()
                counts["files"] += 1
            for name in NAMES:
                if self._lake.exists(f"review.{name}"):
                    counts[name] = self._lake.keep(f"review.{name}", _stays(order))
                    self._lake.purge(f"review.{name}")
        return Forgotten(counts)

    def foresee(self, order: Order) -> Counts:
        """What `forget` would count, nothing being changed."""
        stays = _stays(order)
        columns = ("conversation_id", "case_id")
        found = {name: sum(not stays(row) for row in self._lake.rows(f"review.{name}", columns)) for name in NAMES}
        return {**found, "files": len(self._files(order))}

    def _files(self, order: Order) -> list[Path]:
        """Files that wait, and notes of what was refused, in which an id of what goes is found; and those that cannot be read."""
        paths = [path for path in sorted((self._lake.home / "labels").glob("*")) if path.is_file()]
        if not paths or not (order.scope.conversations or order.scope.cases):
            return []
        gone = {*order.scope.conversations, *order.scope.cases}
        of = [("conversation_id", "in", sorted(order.scope.conversations))]
        gone |= {row["trace_id"] for row in self._lake.rows("logs.turns", ["trace_id"], of)}
        stays = _stays(order)
        tasks = self._lake.rows("review.tasks", ["task_id", "conversation_id", "case_id"])
        gone |= {row["task_id"] for row in tasks if not stays(row)}
        wanted = [one.encode() for one in gone]
        return [path for path in paths if _speaks_of(path, wanted)]


def _speaks_of(path: Path, wanted: Sequence[bytes]) -> bool:
    data = path.read_bytes()
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as packed:
                data = b"".join(packed.read(name) for name in packed.namelist())
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
            return True
    return any(one in data for one in wanted)


def _stays(order: Order) -> Callable[[Mapping[str, Any]], bool]:
    conversations, cases = frozenset(order.scope.conversations), frozenset(order.scope.cases)
    return lambda row: row["conversation_id"] not in conversations and row["case_id"] not in cases
