"""The cache of names forgets: it holds keyed hashes of texts and no text, and what is erased is to leave no trace of its having
been here. A late reveal erases a value that the texts' hashes say nothing about, and costs it nothing.
"""

from __future__ import annotations

from pathlib import Path

from goldworks.forgetting.holders import Forgotten
from goldworks.forgetting.orders import Order
from goldworks.redaction.names_store import clear


class NamesCache:
    """The cache in a home."""

    place = "names_cache"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def forget(self, order: Order) -> Forgotten:
        """Delete the cache: which of its hashes belong to whom cannot be told. The texts that remain are asked again."""
        return Forgotten({"files": int(order.kind != "reveal" and clear(self._folder))})
