"""What earlier days left that the next day depends on: spans seen, the days of each conversation, its stored messages
and entities. Read from the lake once at the start of an intake, then carried from day to day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from goldworks.lake import Lake

Rows = list[dict[str, Any]]


class State:
    """State before the first day of an intake; `advance` adds a day that was taken."""

    def __init__(self, lake: Lake, before: str) -> None:
        self._lake = lake
        self.spans: set[tuple[str, str]] = set()
        self.days: dict[str, tuple[str, ...]] = {}
        self.merged: set[str] = set(lake.read("logs.conversations", ["conversation_id"]).column(0).to_pylist())
        table = lake.read("logs.turns", ["arrived_on", "trace_id", "conversation_id", "span_ids"], [("arrived_on", "<", before)])
        for batch in table.sort_by("arrived_on").to_batches(max_chunksize=20_000):
            self._add(batch.to_pylist())

    def advance(self, turns: Iterable[dict[str, Any]]) -> None:
        """Add the `logs.turns` rows of a day."""
        self._add(turns)

    def stored_days(self, conversations: Iterable[str]) -> set[str]:
        """Earlier days that hold rows of any of these conversations."""
        return {day for conversation in conversations for day in self.days.get(conversation, ())}

    def messages(self, conversations: Collection[str]) -> Rows:
        """Stored `logs.messages` rows of these conversations, in order of arrival."""
        return self._rows("logs.messages", conversations)

    def entities(self, conversations: Collection[str]) -> Rows:
        """Stored `logs.entities` rows of these conversations."""
        return self._rows("logs.entities", conversations)

    def comments(self, conversations: Collection[str]) -> Rows:
        """Stored `logs.turns` rows of these conversations that hold a user's comment."""
        return [row for row in self._rows("logs.turns", conversations) if row["feedback_comment"]]

    def _rows(self, key: str, conversations: Collection[str]) -> Rows:
        days = sorted(self.stored_days(conversations))
        if not days:
            return []
        known = sorted(set(conversations) & set(self.days))
        return self._lake.rows(key, where=[("arrived_on", "in", days), ("conversation_id", "in", known)])

    def _add(self, turns: Iterable[dict[str, Any]]) -> None:
        for row in turns:
            self.spans.update((row["trace_id"], span) for span in row["span_ids"])
            days = self.days.get(row["conversation_id"], ())
            if row["arrived_on"] not in days:
                self.days[row["conversation_id"]] = (*days, row["arrived_on"])
