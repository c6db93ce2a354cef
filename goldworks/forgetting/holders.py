"""What each place that holds text of conversations must do for an order, and what it says when it has done it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from goldworks.orders import Counts, Order


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a place did. `successors` maps erased golden versions to what holds the rest of them, None when nothing remained."""

    counts: Counts
    successors: dict[str, str | None] = field(default_factory=dict[str, str | None])


class Holder(Protocol):
    """A place."""

    @property
    def place(self) -> str:
        """Its name, as certificates say it."""
        ...

    def forget(self, order: Order) -> Forgotten:
        """Carry out the order here, old bytes included. Killed at any point and called again, it ends the same."""
        ...


@runtime_checkable
class Foresees(Protocol):
    """A place that can say beforehand what it would do."""

    @property
    def place(self) -> str:
        """As of a `Holder`."""
        ...

    def foresee(self, order: Order) -> Counts:
        """The counts that `forget` would give for a located order, nothing being changed."""
        ...
