"""Whose turns are dropped before anything of them is stored: conversations and users that were erased on request.

A conversation in which an erased user takes part is dropped as a whole, from then on for good. What an earlier day stored of it,
before the log said whose it was, is erased by an order that is written here and carried out after the intake.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from goldworks.conversations.records import Turn
from goldworks.forgetting.orders import Orders, Scope, new_order
from goldworks.lake import Lake
from goldworks.suppression import Suppressed

REASON = "a user who was erased on request took part in it"


class KeptOut:
    """Decides for one intake, day by day."""

    def __init__(self, lake: Lake, suppressed: Suppressed, policy_version: str) -> None:
        self._lake, self._suppressed, self._policy_version = lake, suppressed, policy_version

    def look_at(self, turns: Sequence[Turn], safe: Callable[[str], str]) -> None:
        """Note the conversations of a day in which erased users took part, before any turn of that day is sorted."""
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
        return self._suppressed.has_conversation(turn.conversation_id)
