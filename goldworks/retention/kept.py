"""What the intake asks of the retention policy: whether what arrived on a day is past its limit, and whether a hold keeps it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from goldworks.access.key_ring import Ring
from goldworks.conversations.records import Turn
from goldworks.retention.gone import Gone
from goldworks.retention.holding import Holding
from goldworks.retention.policy import load_retention_policy
from goldworks.use_cases import load_use_cases


class Kept:
    """The policy as it stands today, for the region of the home."""

    def __init__(self, home: Path, expectations: Path, region: str | None, ring: Ring, today: dt.date) -> None:
        policy = load_retention_policy(expectations)
        self._limits, self._today, self._ring = policy.limits(region), today, ring
        self._gone = Gone(home, ring.key)
        self._holding = Holding(policy.holds_on(today), ring)
        self._use_cases = load_use_cases(expectations / "use_cases.yml") if self._holding else None

    def is_past(self, kind: str, day: str) -> bool:
        """Whether what arrived on `day` (ISO date) is past the limit of `kind`."""
        return day < self._limits.first_kept(kind, self._today)

    def was_deleted(self, conversation_id: str, day: str) -> bool:
        """Whether a conversation was deleted for its age since that day."""
        return self._gone.has(conversation_id, day)

    def holds_day(self, day: str) -> bool:
        """Whether a hold keeps everything that arrived on a day."""
        return self._holding.keeps_day(day) is not None

    def holds(self, turn: Turn, conversation_id: str, day: str) -> bool:
        """Whether a hold keeps the conversation of a turn, by what the turn says; `conversation_id` as it is stored."""
        if self._use_cases is None:
            return False
        users = [self._ring.current.digest("user", turn.user_id)] if turn.user_id else []
        use_case = self._use_cases.assign(turn.service or "unknown", turn.environment, turn.channel)
        return self._holding.keeps(conversation_id, users, use_case, [day]) is not None
