"""The caches of names and of clean texts forget: they hold keyed hashes of texts and no text, and what is erased is to leave no
trace of its having been here. A late reveal erases a value that the texts' hashes say nothing about, and costs them nothing.
"""

from __future__ import annotations

from pathlib import Path

from goldworks.forgetting.holders import Forgotten
from goldworks.orders import Order
from goldworks.proof import clean
from goldworks.redaction import names_store


class HashCaches:
    """The caches in a home that hold hashes alone."""

    place = "caches"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def forget(self, order: Order) -> Forgotten:
        """Delete them: which of their hashes belong to whom cannot be told. The texts that remain are asked again."""
        deleted = 0 if order.kind == "reveal" else names_store.clear(self._folder) + clean.clear(self._folder)
        return Forgotten({"files": deleted})
