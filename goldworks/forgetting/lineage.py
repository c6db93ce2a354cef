"""Which conversations a golden case was made from, through the cases and messages that it was made from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from goldworks.lake import Lake

COLUMNS = ("case_id", "conversation_id", "parents")


class Lineage:
    """The lineage of every case there is, proposed or minted."""

    def __init__(self, lake: Lake) -> None:
        rows = [row for key in ("golden.candidates", "golden.cases") for row in lake.rows(key, COLUMNS)]
        self._parents: dict[str, set[str]] = {}
        self.conversations: dict[str, set[str]] = {}
        for row in rows:
            self._parents.setdefault(row["case_id"], set()).update(row["parents"])
            found = self.conversations.setdefault(row["case_id"], set())
            if row["conversation_id"]:
                found.add(row["conversation_id"])
        self._from_messages(lake)
        self._from_cases()

    def units(self, case_id: str) -> set[str]:
        """Whatever values are known of that may stand in the case: its conversations, and the case itself."""
        return {case_id, *self.conversations.get(case_id, ())}

    def made_from(self, conversations: Collection[str]) -> tuple[str, ...]:
        """Cases made from any of these conversations, sorted."""
        wanted = set(conversations)
        return tuple(sorted(case_id for case_id, found in self.conversations.items() if found & wanted))

    def answer_units(self, row: Mapping[str, Any]) -> Iterable[str]:
        """The same for an answer: also the conversation it was found in."""
        named = (row["cluster_id"], row["conversation_id"])
        return {*self.units(row["case_id"]), *(name for name in named if name)}

    def _from_messages(self, lake: Lake) -> None:
        """An authored case may name the messages it is about, and no conversation."""
        bare = {case_id for case_id, found in self.conversations.items() if not found}
        wanted = sorted({parent for case_id in bare for parent in self._parents[case_id]} - self.conversations.keys())
        rows = lake.rows("logs.messages", ["message_id", "conversation_id"], [("message_id", "in", wanted)])
        conversation_of = {row["message_id"]: row["conversation_id"] for row in rows}
        for case_id in bare:
            self.conversations[case_id].update(conversation_of[p] for p in self._parents[case_id] if p in conversation_of)

    def _from_cases(self) -> None:
        grows = True
        while grows:
            grows = False
            for case_id, found in self.conversations.items():
                size = len(found)
                for parent in self._parents[case_id]:
                    found.update(self.conversations.get(parent, ()))
                grows = grows or len(found) > size
