"""Whether a hold keeps something, by what is known of its conversation."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from goldworks.access.key_ring import Ring, wrapped
from goldworks.retention.policy import Hold


class Holding:
    """The holds that are in force. Users are named in the policy as the tables had them when the hold was written: where a
    rotation kept joins they are found by what has become of that hash.
    """

    def __init__(self, holds: Sequence[Hold], ring: Ring) -> None:
        self._holds = [(hold, frozenset(_now(hold.users, ring))) for hold in holds]

    def __bool__(self) -> bool:
        return bool(self._holds)

    def keeps(
        self, conversation: str, users: Collection[str] = (), use_case: str | None = None, days: Collection[str] = ()
    ) -> str | None:
        """The name of a hold that keeps a conversation, or None."""
        for hold, hashes in self._holds:
            if (
                conversation in hold.conversations
                or not hashes.isdisjoint(users)
                or use_case in hold.use_cases
                or (hold.arrived is not None and any(hold.arrived.has(day) for day in days))
            ):
                return hold.name
        return None

    def keeps_day(self, day: str) -> str | None:
        """The name of a hold that keeps everything which arrived on a day."""
        return next((hold.name for hold, _ in self._holds if hold.arrived is not None and hold.arrived.has(day)), None)


def _now(hashes: Collection[str], ring: Ring) -> set[str]:
    """The hashes themselves, and what each rotation of the epoch in use has made of them."""
    found = set(hashes)
    for salt in ring.epochs[-1].layers:
        found |= {wrapped(ring.layer(salt), one) for one in found}
    return found
