"""The store as an environment in memory: what conversations change in it can be seen afterwards, and nothing else happens.

Its state is {orders: [{sku, quantity, ship_to}], cancelled: [order ids]}: what was placed and what was called off. New orders
stand without their ids, which follow from everything in them, so that redacted and plain conversations end alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from goldworks.demo.shop import call_tool

CHANGED_BY = {"place_order": "orders", "cancel_order": "cancelled"}
"""Tool -> the part of the state that it changes. The others only look."""


class Store:
    """A store of its own for one conversation."""

    def __init__(self) -> None:
        self._orders: list[dict[str, Any]] = []
        self._cancelled: list[str] = []

    @staticmethod
    def after(messages: Iterable[Mapping[str, Any]]) -> Store:
        """The store as the calls of a conversation left it. What their results were then does not matter: they are made again."""
        store = Store()
        for message in messages:
            for call in message.get("tool_calls") or ():
                arguments = call.get("arguments")
                if isinstance(arguments, Mapping):
                    store.call(call["name"], cast("Mapping[str, Any]", arguments))
        return store

    def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Run a tool and note what it changed; one that gives an error changes nothing."""
        result = call_tool(tool, arguments)
        if "error" not in result and tool == "place_order":
            self._orders.append({key: result[key] for key in ("sku", "quantity", "ship_to")})
        if "error" not in result and tool == "cancel_order" and result["order_id"] not in self._cancelled:
            self._cancelled.append(result["order_id"])
        return result

    @property
    def state(self) -> dict[str, Any]:
        """What was changed so far, as a copy."""
        return {"orders": [dict(order) for order in self._orders], "cancelled": list(self._cancelled)}
