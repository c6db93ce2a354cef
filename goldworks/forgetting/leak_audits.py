"""Leak audits forget: what people judged of messages that are erased."""

from __future__ import annotations

from goldworks.forgetting.holders import Forgotten
from goldworks.lake import Lake
from goldworks.orders import Order
from goldworks.review.leak_audit import forget


class LeakAudits:
    """The leak audits of a home; they hold ids and judgments."""

    place = "leak audits"

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def forget(self, order: Order) -> Forgotten:
        """Items of erased conversations leave every audit."""
        return Forgotten({"items": forget(self._lake, order.scope.conversations)})
