"""Whose turns are dropped before anything of them is stored: conversations and users that were erased on request, and what
arrived longer ago than the retention policy allows.

A conversation in which an erased user takes part is dropped as a whole, from then on for good. What an earlier day stored of it,
before the log said whose it was, is erased by an order that is written here and carried out after the intake.

On a day past retention only turns of conversations are taken that are kept still: those that go on, and those that a hold keeps.
On a later one all but what had come before its conversation was deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from goldworks.conversations.records import Turn
from goldworks.lake import Lake
from goldworks.orders import Orders, Scope, new_order
from goldworks.retention.kept import Kept
from goldworks.suppression import Suppressed

REASON = "a user who was erased on request took part in it"


class KeptOut:
    """Decides for one intake, day by day."""

    def __init__(self, lake: Lake, suppressed: Suppressed, kept: Kept, policy_version: str) -> None:
        self._lake, self._suppressed, self._kept, self._policy_version = lake, suppressed, kept, policy_version
        self._day = ""
        self._spared: set[str] | None = None

    def look_at(self, day: str, turns: Sequence[Turn], safe: Callable[[str], str]) -> None:
        """Look at all turns of a day, before any of them is sorted: who took part in what, and what a hold keeps."""
        self._note_users(turns, safe)
        self._day, self._spared = day, None
        if self._kept.is_past("conversations", day):
            self._spared = {
                safe(turn.conversation_id) for turn in turns if self._kept.holds(turn, safe(turn.conversation_id), day)
            }
            named = sorted({safe(turn.conversation_id) for turn in turns} - self._spared)
            stored = self._lake.read("logs.turns", ["conversation_id"], [("conversation_id", "in", named)])
            self._spared.update(stored.column(0).to_pylist())

    def drops_quarantine(self, day: str) -> bool:
        """Whether unusable lines that arrived on this day are past retention."""
        return self._kept.is_past("quarantine", day) and not self._kept.holds_day(day)

    def _note_users(self, turns: Sequence[Turn], safe: Callable[[str], str]) -> None:
        named = {safe(turn.conversation_id) for turn in turns if self._suppressed.has_user(turn.user_id)}
        new = sorted(one for one in named if not self._suppressed.has_conversation(one))
        if not new:
            return
        rows = self._lake.read("logs.turns", ["conversation_id"], [("conversation_id", "in", new)])
        stored = sorted(set(rows.column(0).to_pylist()))
        if stored:
            order = new_order("conversation", stored, self._policy_version, reason=REASON)
            Orders(self._lake.home).write(msgspec.structs.replace(order, scope=Scope(conversations=order.subjects)))
        self._suppressed.add_conversations(new)

    def drops(self, turn: Turn) -> bool:
        """Whether nothing of a turn, with safe ids, may be kept."""
        one = turn.conversation_id
        is_past = one not in self._spared if self._spared is not None else self._kept.was_deleted(one, self._day)
        return is_past or self._suppressed.has_conversation(one)
