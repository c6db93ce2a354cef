"""The logs forget: rows of conversations go, texts lose values, hashes in the entity table are cut.

What a file brought stays counted in `logs.arrivals`; lines of which nothing is left count as suppressed, as they do when the
file is taken again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from goldworks.faults import fault_point
from goldworks.forgetting.holders import Forgotten
from goldworks.forgetting.texts import Redacts
from goldworks.intake.boundary import stored_fields
from goldworks.intake.reveal import rewrite
from goldworks.lake import Lake
from goldworks.orders import Counts, Order
from goldworks.redaction.erased import Erased
from goldworks.redaction.records import Document, Field, RedactedDocument

Row = dict[str, Any]
BY_DAY = ("logs.messages", "logs.entities", "logs.turns")
KINDS = ("conversations", "messages", "turns", "entities")
AT_A_TIME = 200
"""Conversations that are redacted together."""


class Logs:
    """`logs.*`. The caller holds the lock of the intake."""

    place = "logs"

    def __init__(self, lake: Lake, redactor: Redacts, key: bytes) -> None:
        self._lake, self._redactor, self._erased = lake, redactor, Erased(key, ())

    def forget(self, order: Order) -> Forgotten:
        """Texts first, then the rows and files that held them."""
        scope = order.scope
        counts: Counts = dict.fromkeys((*KINDS, "rewritten", "hashes_cut"), 0)
        counts["hashes_cut"] = self._leading(order)
        if scope.values:
            counts["rewritten"] = self._rewrite(order)
            self._count_entities(order)
        if scope.cut:
            self._cut(order)
        if scope.conversations:
            gone = frozenset(scope.conversations)
            days = [("arrived_on", "in", list(scope.days))]
            for key in BY_DAY:
                counts[key.partition(".")[2]] = self._lake.keep(key, lambda row: row["conversation_id"] not in gone, days)
                fault_point("forgetting.logs_half_done")
            self._recount(scope.days)
            counts["conversations"] = self._lake.keep("logs.conversations", lambda row: row["conversation_id"] not in gone)
        for key in (*BY_DAY, "logs.arrivals", "logs.conversations"):
            self._lake.purge(key)
        return Forgotten(counts)

    def foresee(self, order: Order) -> Counts:
        """What `forget` would count, nothing being changed."""
        of = [("conversation_id", "in", sorted(order.scope.conversations))]
        counts = {name: self._lake.read(f"logs.{name}", ["conversation_id"], of).num_rows for name in KINDS}
        again = (field.owner for done, _ in self._redacted_again(order) for document in done for field in document.rewritten)
        counts["rewritten"] = len({*again})
        counts["hashes_cut"] = self._leading(order)
        return counts

    def _leading(self, order: Order) -> int:
        """Redacted values whose hash is to be cut; taking the value out of texts makes more of them."""
        return self._lake.read("logs.entities", ["value_hash"], [("value_hash", "in", sorted(order.scope.cut))]).num_rows

    def _rewrite(self, order: Order) -> int:
        """Redact the stored texts of the conversations again; return how many messages and comments changed."""
        today = order.opened_at.date().isoformat()
        return sum(rewrite(self._lake, done, day_of, today, order.policy_version) for done, day_of in self._redacted_again(order))

    def _redacted_again(self, order: Order) -> Iterator[tuple[list[RedactedDocument], dict[str, str]]]:
        """(what changes in some of the conversations, the arrival day of each of their messages and comments)."""
        conversations = sorted(order.scope.values)
        for start in range(0, len(conversations), AT_A_TIME):
            some = conversations[start : start + AT_A_TIME]
            where = [("arrived_on", "in", list(order.scope.days)), ("conversation_id", "in", some)]
            messages, turns = self._lake.rows("logs.messages", where=where), self._lake.rows("logs.turns", where=where)
            day_of = {row["message_id"]: row["arrived_on"] for row in messages}
            day_of |= {row["trace_id"]: row["arrived_on"] for row in turns if row["feedback_comment"]}
            documents = [
                Document(one, tuple(_fields(one, messages, turns)), order.scope.values[one])
                for one in some
                if any(row["conversation_id"] == one for row in messages)
            ]
            yield [_as_rewritten(document) for document in self._redactor.redact(documents)], day_of

    def _count_entities(self, order: Order) -> None:
        """What the merged conversations count of their messages, as merging them anew would."""
        where = [("arrived_on", "in", list(order.scope.days)), ("conversation_id", "in", sorted(order.scope.values))]
        counted: dict[str, list[int]] = {}
        for row in self._lake.rows("logs.messages", ["conversation_id", "entities", "is_withheld"], where):
            here = counted.setdefault(row["conversation_id"], [0, 0])
            here[0] += row["entities"]
            here[1] += row["is_withheld"]
        rows = self._lake.rows("logs.conversations")
        for row in rows:
            if row["conversation_id"] in counted:
                row["entities"], row["withheld"] = counted[row["conversation_id"]]
        self._lake.replace("logs.conversations", rows)

    def _cut(self, order: Order) -> None:
        """Give entities whose hash is to be cut the one that an erased value has in its conversation: it leads nowhere, and is
        what the intake would give it now.
        """
        hashes = frozenset(order.scope.cut)
        (known,) = order.scope.kept_out
        for day in order.scope.days:
            rows = self._lake.rows("logs.entities", where=[("arrived_on", "=", day)])
            concerned = [row for row in rows if row["value_hash"] in hashes]
            for row in concerned:
                row["value_hash"] = self._erased.stored_hash(row["conversation_id"], known)
                row["variant_hashes"], row["variant_words"] = [], 1
            if concerned:
                self._lake.replace("logs.entities", rows, {"arrived_on": day})

    def _recount(self, days: Sequence[str]) -> None:
        """Count the lines anew of which turns are left, in the files of these days."""
        for day in days:
            where = [("arrived_on", "=", day)]
            left: dict[str, set[int]] = {}
            for row in self._lake.rows("logs.turns", ["source", "line"], where):
                left.setdefault(row["source"], set()).add(row["line"])
            rows = self._lake.rows("logs.arrivals", where=where)
            after = [_recounted(row, len(left.get(row["source"], ()))) for row in rows]
            if after != rows:
                self._lake.replace("logs.arrivals", after, {"arrived_on": day})


def _recounted(row: Row, records: int) -> Row:
    if not row["sha256"]:
        return row
    suppressed = (row["suppressed"] or 0) + row["records"] - records
    return {**row, "records": records, "suppressed": suppressed, "late": min(row["late"], records)}


def _fields(conversation: str, messages: Iterable[Row], turns: Iterable[Row]) -> Iterable[Field]:
    """The stored texts of a conversation. Names are not looked for anew: nothing but the values of the order shall change."""
    for row in messages:
        if row["conversation_id"] == conversation and not row["is_withheld"]:
            yield from (msgspec.structs.replace(field, is_prose=False) for field in stored_fields(row))
    for row in turns:
        if row["conversation_id"] == conversation and row["feedback_comment"]:
            yield Field(row["trace_id"], "feedback", "feedback_comment", row["feedback_comment"], False)


def _as_rewritten(document: RedactedDocument) -> RedactedDocument:
    """Only what changed, as what was stored and is redacted again."""
    new = tuple(field for field in document.fields if field.entities or field.is_withheld)
    return RedactedDocument(document.conversation_id, (), new)
