"""Dagster's event log forgets: previews of messages, which the pages of arrival days show, are blanked.

The log is SQLite, and has no way of its own to change an event. What was deleted in it before is overwritten too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import orjson

from goldworks.errors import BusyError
from goldworks.forgetting.holders import Forgotten
from goldworks.orders import Order

PREVIEW = "preview"
"""Label of the metadata that quotes messages."""
AGAIN = "Taking the day again shows what is left."
BLANKS = {
    "retention": f"Deleted: messages in it are past retention. {AGAIN}",
    "reveal": f"Blanked: a value in it was recognised later. {AGAIN}",
}
ON_REQUEST = f"Erased on request. {AGAIN}"
WAIT_SECONDS = 30.0


class Events:
    """Dagster's storage below the home."""

    place = "dagster"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def forget(self, order: Order) -> Forgotten:
        """Blank the previews of the order's days: which messages they quote is not kept, and taking a day makes them anew."""
        days = frozenset(order.scope.days)
        text = BLANKS.get(order.kind, ON_REQUEST)
        found = sorted(self._folder.rglob("*.db")) if days else []
        return Forgotten({"previews": sum(_blank(path, days, text) for path in found)})


def _blank(path: Path, days: Collection[str], text: str) -> int:
    blanked = 0
    try:
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as connection:
            tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
            if "event_logs" not in tables:
                return 0
            connection.execute("pragma secure_delete = on")
            query = "select id, partition, event from event_logs where event like ?"
            for number, day, event in connection.execute(query, [f'%"label": "{PREVIEW}"%']).fetchall():
                if day not in days:
                    continue
                data = orjson.loads(event)
                if sum(_blanked(entry, text) for entry in _entries(data)):
                    new = orjson.dumps(data).decode()
                    connection.execute("update event_logs set event = ? where id = ?", [new, number])
                    blanked += 1
            connection.commit()
            if blanked:
                connection.execute("vacuum")
                connection.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise BusyError(f"Dagster is writing to {path}", remedy="wait for its runs to end, and run the command again") from None
    return blanked


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    """Metadata entries called preview, wherever they stand in an event."""
    if isinstance(value, dict):
        entry = cast("dict[str, Any]", value)
        if entry.get("label") == PREVIEW and isinstance(entry.get("entry_data"), dict):
            yield entry
        for item in entry.values():
            yield from _entries(item)
    elif isinstance(value, list):
        for item in cast("Collection[Any]", value):
            yield from _entries(item)


def _blanked(entry: dict[str, Any], text: str) -> bool:
    """Blank one preview; one that is blank says on why it was first."""
    data = entry["entry_data"]
    if data.get("md_str") in (ON_REQUEST, *BLANKS.values()):
        return False
    data["md_str"] = text
    return True
