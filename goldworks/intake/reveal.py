"""A value recognised only now, in what was stored before: the stored rows are redacted again.

Entities are written before messages and turns, so that a process killed in between finds, when it runs again, the value
still standing there and the same token for it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from goldworks.faults import fault_point
from goldworks.intake.boundary import Row, encode_field, entity_row
from goldworks.lake import Lake
from goldworks.orders import open_reveal
from goldworks.redaction import Known, RedactedDocument, RedactedField

TOKEN = re.compile(r"<[A-Z][A-Z0-9_]*_\d+>")


def order_following(
    lake: Lake,
    redacted: Sequence[RedactedDocument],
    day_of: Mapping[str, str],
    merged: Collection[str],
    policy_version: str,
) -> None:
    """Order that values which no earlier day had recognised in a conversation be followed into what was made of it since.

    Called before anything of the day is written: killed later, the order stands. `day_of` as for `rewrite`; `merged`:
    conversations that golden sets and evaluation runs may have been made from.
    """
    entities = {
        document.conversation_id: [entity for field in (*document.fields, *document.rewritten) for entity in field.entities]
        for document in redacted
        if document.conversation_id in merged
    }
    wanted = sorted(conversation for conversation, found in entities.items() if found)
    if not wanted:
        return
    before = lake.rows("logs.entities", ["conversation_id", "value_hash"], [("conversation_id", "in", wanted)])
    old = {(row["conversation_id"], row["value_hash"]) for row in before}
    new: dict[str, dict[str, Known]] = {}
    for conversation in wanted:
        for one in entities[conversation]:
            if (conversation, one.value_hash) not in old:
                known = Known(one.token, one.type, one.value_hash, one.variant_hashes, one.variant_words)
                new.setdefault(conversation, {})[one.value_hash] = known
    days = {day_of[field.owner] for document in redacted if document.conversation_id in new for field in document.rewritten}
    open_reveal(lake.home, {conversation: known.values() for conversation, known in new.items()}, days, policy_version)


def rewrite(
    lake: Lake,
    redacted: Sequence[RedactedDocument],
    day_of: Mapping[str, str],
    revealed_on: str,
    policy_version: str,
) -> int:
    """Write the rewritten fields of `redacted` into the days that hold them; return how many messages changed.

    `day_of` maps a stored message (for feedback its trace) to its arrival day.
    """
    changes: dict[str, dict[str, dict[str, RedactedField]]] = {}
    conversation: dict[str, str] = {}
    for document in redacted:
        for field in document.rewritten:
            changes.setdefault(day_of[field.owner], {}).setdefault(field.owner, {})[field.name] = field
            conversation[field.owner] = document.conversation_id
    for day in sorted(changes):
        _rewrite_entities(lake, day, changes[day], conversation, revealed_on, policy_version)
        fault_point("intake.reveal_half_written")
        _rewrite_texts(lake, "logs.messages", "message_id", day, changes[day])
        _rewrite_texts(lake, "logs.turns", "trace_id", day, changes[day])
        fault_point("intake.reveal_written")
        for key in ("logs.entities", "logs.messages", "logs.turns"):
            lake.vacuum(key)
    return sum(len(owners) for owners in changes.values())


def _rewrite_entities(
    lake: Lake,
    day: str,
    changed: Mapping[str, Mapping[str, RedactedField]],
    conversation: Mapping[str, str],
    revealed_on: str,
    policy_version: str,
) -> None:
    rows = lake.rows("logs.entities", where=[("arrived_on", "=", day)])
    before: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        before.setdefault((row["message_id"], row["field"]), []).append(row)
    for owner, fields in changed.items():
        for field in fields.values():
            new: dict[str, list[Row]] = {}
            for entity in field.entities:
                row = entity_row(day, conversation[owner], entity, revealed_on, policy_version)
                new.setdefault(entity.field, []).append(row)
            for path, placed in new.items():
                before[owner, path] = merge_offsets(_leaf(field, path), before.get((owner, path), []), placed)
    lake.replace("logs.entities", [row for group in before.values() for row in group], {"arrived_on": day})


def merge_offsets(leaf: str, old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Entity rows of a leaf string after new tokens were placed in it: the old tokens have moved.

    What somebody typed that only looks like a token has no row and gets none. When an interrupted run wrote the new rows
    already, they stay: the first new token never stands where an old one stood.
    """
    there = {(row["start"], row["token"]) for row in old}
    if all((row["start"], row["token"]) in there for row in new):
        return list(old)
    found = [*TOKEN.finditer(leaf)]
    if not found:  # the leaf could not be reached again (a key with a dot in it): keep every row as it is
        return [*old, *new]
    placed = {row["start"]: row for row in new}
    waiting: dict[str, deque[Row]] = {}
    for row in sorted(old, key=lambda row: row["start"]):
        waiting.setdefault(row["token"], deque()).append(row)
    merged: list[Row] = []
    for match in found:
        same = waiting.get(match[0])
        row = placed.get(match.start()) or (same.popleft() if same else None)
        if row is not None:
            merged.append({**row, "start": match.start(), "end": match.end()})
    return merged


def _rewrite_texts(lake: Lake, key: str, owner: str, day: str, changed: Mapping[str, Mapping[str, RedactedField]]) -> None:
    rows = lake.rows(key, where=[("arrived_on", "=", day)])
    touched = False
    for row in rows:
        for name, field in changed.get(row[owner], {}).items():
            if name in row and row[name] is not None:
                row[name] = encode_field(name, field.value)
                touched = True
                if "entities" in row:
                    row["entities"] += len(field.entities)
                    row["is_withheld"] = row["is_withheld"] or field.is_withheld
    if touched:
        lake.replace(key, rows, {"arrived_on": day})


def _leaf(field: RedactedField, path: str) -> str:
    """The string at `path` of a redacted field, whose path begins with the field's name."""
    value: Any = field.value
    for part in path.split(".")[1:]:
        if isinstance(value, list):
            value = value[int(part)] if part.isdecimal() and int(part) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(part)
    return value if isinstance(value, str) else ""
