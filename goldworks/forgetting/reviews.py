"""The review forgets: tasks, labels and refusals of conversations and cases that go. It holds ids and choices, and no text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from goldworks.forgetting.holders import Forgotten
from goldworks.forgetting.orders import Counts, Order
from goldworks.lake import Lake
from goldworks.review.queue import alone

NAMES = ("tasks", "labels", "refusals")


class Reviews:
    """`review.*` but for what has been computed from it: agreement and strata are counts."""

    place = "reviews"

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def forget(self, order: Order) -> Forgotten:
        """Rows of erased conversations and cases go, with the old files' bytes."""
        counts: Counts = dict.fromkeys(NAMES, 0)
        if not (order.scope.conversations or order.scope.cases):
            return Forgotten(counts)
        with alone(self._lake):
            for name in NAMES:
                if self._lake.exists(f"review.{name}"):
                    counts[name] = self._lake.keep(f"review.{name}", _stays(order))
                    self._lake.purge(f"review.{name}")
        return Forgotten(counts)

    def foresee(self, order: Order) -> Counts:
        """What `forget` would count, nothing being changed."""
        stays = _stays(order)
        columns = ("conversation_id", "case_id")
        return {name: sum(not stays(row) for row in self._lake.rows(f"review.{name}", columns)) for name in NAMES}


def _stays(order: Order) -> Callable[[Mapping[str, Any]], bool]:
    conversations, cases = frozenset(order.scope.conversations), frozenset(order.scope.cases)
    return lambda row: row["conversation_id"] not in conversations and row["case_id"] not in cases
