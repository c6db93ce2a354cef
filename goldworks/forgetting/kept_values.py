"""The vault forgets: the encrypted values of what an order is about. It comes before the logs, which know their tokens."""

from __future__ import annotations

from goldworks.access.vault import Vault
from goldworks.forgetting.holders import Forgotten
from goldworks.lake import Lake
from goldworks.orders import Order


class KeptValues:
    """The vault of a home; one that has none is never made."""

    place = "vault"

    def __init__(self, lake: Lake, vault: Vault) -> None:
        self._lake, self._vault = lake, vault

    def forget(self, order: Order) -> Forgotten:
        """Of conversations that are erased, or that held an erased value unrecognised, all values go: one of them may hold it."""
        if order.kind == "reveal":  # what became known late stays known
            return Forgotten({"values": 0})
        scope = order.scope
        where = [("arrived_on", "in", list(scope.days)), ("value_hash", "in", list(scope.cut))]
        rows = self._lake.rows("logs.entities", ["conversation_id", "token"], where)
        count = self._vault.forget({*scope.conversations, *scope.values})
        count += self._vault.forget_tokens(sorted({(row["conversation_id"], row["token"]) for row in rows}))
        return Forgotten({"values": count})
