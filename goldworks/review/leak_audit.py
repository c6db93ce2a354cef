"""The leak audit: a seeded sample of redacted messages that a person reads for personal data that was missed.

An audit is a file of the home with ids and judgments; the messages stay in the lake and nowhere else, so that erasing one
erases it. `sheet` is for those who read elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from goldworks.access.secret_files import write_secret
from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.statistics import Estimate
from goldworks.statistics.estimates import rate

Judgment = Literal["clean", "leak"]
TEXTS = ("text", "tool_calls", "tool_result", "passages")
ROLES = ("user", "assistant", "tool", "retrieval", "system")


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message of the sample, and what a person said of it. `types`: what kinds of data had been missed."""

    arrived_on: str
    conversation_id: str
    message_id: str
    judgment: Judgment | None = None
    types: tuple[str, ...] = ()
    judged_by: str | None = None
    judged_at: dt.datetime | None = None


class Audit(msgspec.Struct, frozen=True):
    """A sample: `items` of `population` messages in the lake, each with the same chance. The seed and the lake decide which."""

    audit_id: str
    seed: int
    roles: tuple[str, ...]
    population: int
    policy_versions: tuple[str, ...]
    drawn_at: dt.datetime
    items: tuple[Item, ...]

    @property
    def open(self) -> list[Item]:
        """Items that nobody judged yet."""
        return [item for item in self.items if item.judgment is None]


def draw(lake: Lake, size: int, seed: int, roles: Sequence[str] = ()) -> Audit:
    """The audit of this size, seed and roles (default all): as it was drawn before, or drawn now.

    Simple random sampling without replacement: the `size` smallest digests of seed and message id. Raises `InputError` when
    there is no message.
    """
    roles = tuple(sorted(roles))
    audit_id = f"leaks-{digest([size, seed, roles])[:12]}"
    known = find(lake, audit_id)
    if known is not None:
        return known
    where = [("role", "in", list(roles))] if roles else None
    table = lake.read("logs.messages", ["arrived_on", "conversation_id", "message_id"], where)
    if table.num_rows == 0:
        raise InputError("there is no message to audit", remedy="goldworks run --logs DIR takes some; or name other roles")
    rows = sorted(table.to_pylist(), key=lambda row: digest([seed, row["conversation_id"], row["message_id"]]))
    versions = set(lake.read("logs.arrivals", ["policy_version"]).column(0).to_pylist())
    audit = Audit(
        audit_id,
        seed,
        roles,
        len(rows),
        tuple(sorted(versions)),
        dt.datetime.now(dt.UTC),
        tuple(Item(**row) for row in rows[:size]),
    )
    return _keep(lake, audit)


def find(lake: Lake, audit_id: str) -> Audit | None:
    """The audit of this id, or None."""
    path = _path(lake, audit_id)
    return msgspec.json.decode(path.read_bytes(), type=Audit) if path.exists() else None


def audits(lake: Lake) -> list[Audit]:
    """All audits of the home, oldest first."""
    found = [msgspec.json.decode(path.read_bytes(), type=Audit) for path in (lake.home / "audits").glob("*.json")]
    return sorted(found, key=lambda audit: (audit.drawn_at, audit.audit_id))


def messages(lake: Lake, items: Sequence[Item]) -> dict[tuple[str, str], dict[str, Any]]:
    """The messages of these items that are still there, by conversation and message id."""
    days = sorted({item.arrived_on for item in items})
    ids = sorted({item.message_id for item in items})
    columns = ["conversation_id", "message_id", "role", *TEXTS]
    rows = lake.rows("logs.messages", columns, [("arrived_on", "in", days), ("message_id", "in", ids)])
    return {(row["conversation_id"], row["message_id"]): row for row in rows}


def shown(row: Mapping[str, Any]) -> str:
    """All text of a message, for a person to read."""
    parts = [str(row[name]) for name in TEXTS[:3] if row[name]]
    parts += [passage["text"] for passage in row["passages"] or () if passage["text"]]
    return "\n".join(parts)


def judge(lake: Lake, audit: Audit, judgments: Mapping[str, tuple[Judgment, Sequence[str]]], by: str) -> Audit:
    """Keep judgments by message id; a later one replaces an earlier one. Raises `InputError` for a message not of the sample."""
    unknown = judgments.keys() - {item.message_id for item in audit.items}
    if unknown:
        raise InputError(f"{len(unknown)} judged messages are not of the audit {audit.audit_id}: {sorted(unknown)[0]} ...")
    now = dt.datetime.now(dt.UTC)
    items = tuple(_judged(item, judgments.get(item.message_id), by, now) for item in audit.items)
    return _keep(lake, msgspec.structs.replace(audit, items=items))


def leak_rate(audit: Audit) -> Estimate:
    """Share of messages in which personal data was missed; messages of one conversation count as one cluster.

    What nobody judged is missing.
    """
    judged = [item for item in audit.items if item.judgment is not None]
    values = [item.judgment == "leak" for item in judged]
    return rate(values, [item.conversation_id for item in judged], n_missing=len(audit.items) - len(judged))


def forget(lake: Lake, conversations: Iterable[str]) -> int:
    """Take the items of erased conversations out of every audit; return how many."""
    gone, removed = set(conversations), 0
    for audit in audits(lake):
        kept = tuple(item for item in audit.items if item.conversation_id not in gone)
        removed += len(audit.items) - len(kept)
        if len(kept) < len(audit.items):
            _keep(lake, msgspec.structs.replace(audit, items=kept))
    return removed


def _judged(item: Item, said: tuple[Judgment, Sequence[str]] | None, by: str, now: dt.datetime) -> Item:
    if said is None:
        return item
    judgment, types = said
    return msgspec.structs.replace(item, judgment=judgment, types=tuple(sorted(set(types))), judged_by=by, judged_at=now)


def _path(lake: Lake, audit_id: str) -> Path:
    return lake.home / "audits" / f"{audit_id}.json"


def _keep(lake: Lake, audit: Audit) -> Audit:
    write_secret(_path(lake, audit.audit_id), msgspec.json.format(msgspec.json.encode(audit), indent=1))
    return audit
