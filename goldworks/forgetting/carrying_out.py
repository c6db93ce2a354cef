"""The one path of forgetting: an order is written, located, carried out in every place, and closed.

Killed at any point, the next who carries out the open orders finishes it: every place can be asked again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from goldworks.digests import canonical
from goldworks.evaluation.cache import has_cached
from goldworks.faults import fault_point
from goldworks.forgetting.certificate import PAYLOAD_TYPE, Certificates, Signs, certificate_body
from goldworks.forgetting.holders import Holder
from goldworks.forgetting.locating import locate
from goldworks.forgetting.wording import in_words
from goldworks.golden.redacting import Redactor
from goldworks.golden.register import alone as golden_alone
from goldworks.lake import Lake
from goldworks.locks import alone
from goldworks.orders import Order, Orders
from goldworks.suppression import Suppressions

Note = Callable[[str, dict[str, Any]], object]
"""Called with what happened and its particulars, for the audit log."""


@dataclass(frozen=True, slots=True)
class Closed:
    """An order that was carried out, and its certificate; a reveal has none."""

    order: Order
    certificate: Path | None


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What carrying out orders needs. `holders` in the order in which they forget: golden sets before evaluations before the
    rest, marts last.
    """

    lake: Lake
    redactor: Redactor
    holders: Sequence[Holder]
    signer: Signs
    note: Note
    suppressions: Suppressions

    @property
    def orders(self) -> Orders:
        """The open orders."""
        return Orders(self.lake.home)

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep intakes and changes of golden sets away. Raises `BusyError`."""
        with ExitStack() as held:
            held.enter_context(alone(self.lake.home / "intake.lock", f"an intake is running on {self.lake.home}"))
            held.enter_context(golden_alone(self.lake))
            yield

    def _suppress(self, order: Order) -> None:
        """Keep what the order erases from coming in again: before anything is deleted, so that no intake brings it back."""
        if order.kind in ("conversation", "user"):
            self.suppressions.add_conversations(order.scope.conversations)
        if order.kind == "user":
            for user_hash in order.subjects:
                self.suppressions.add_user(user_hash)
        for known in order.scope.kept_out:
            self.suppressions.add_value(known)

    def finish_open(self, *, without: Sequence[str] = ()) -> list[Closed]:
        """Carry out every open order. Reveals are folded into one, and leave out the places `without`, which their caller
        makes anew anyway.
        """
        if not self.orders.open():
            return []
        with self.alone():
            _fold_reveals(self.orders)
            return [self.carry_out(order, () if order.kind != "reveal" else without) for order in self.orders.open()]

    def carry_out(self, order: Order, without: Sequence[str] = (), verify: Callable[[], bool] | None = None) -> Closed:
        """Carry out one order, from where it stands. The caller holds `alone`.

        `verify` looks everywhere once more, for who still has the value; what it says stands in the certificate.
        """
        order = self.orders.write(locate(self.lake, order, self.redactor))
        self._suppress(order)
        fault_point("forgetting.ordered")
        if self._concerns_something(order):
            for holder in self.holders:
                if holder.place in order.done or holder.place in without:
                    continue
                found = holder.forget(order)
                done, successors = {**order.done, holder.place: found.counts}, {**order.successors, **found.successors}
                order = self.orders.write(msgspec.structs.replace(order, done=done, successors=successors))
        return Closed(order, self._close(order, verify))

    def _concerns_something(self, order: Order) -> bool:
        """A reveal is followed only where something was made of its conversations: most concern nothing."""
        scope = order.scope
        runs_go_on = any(path.stat().st_size for path in (self.lake.home / "runs").glob("*/answers.jsonl"))
        if order.kind != "reveal" or runs_go_on or has_cached(self.lake.home / "cache"):
            return True
        return bool(scope.days or scope.candidates or scope.versions or scope.runs)

    def _close(self, order: Order, verify: Callable[[], bool] | None) -> Path | None:
        path = None
        if order.kind not in ("reveal", "retention"):
            body = certificate_body(order, dt.datetime.now(dt.UTC), verify() if verify else None)
            fault_point("forgetting.before_certificate")
            path = Certificates(self.lake.home).write(order, self.signer.sign(canonical(body), PAYLOAD_TYPE))
        if path is not None or order.successors:
            self.note(f"forgetting.{order.kind}", {"order_id": order.order_id, "removed": in_words(order.done)})
        self.orders.close(order)
        return path


def _fold_reveals(orders: Orders) -> None:
    """One order for all reveals that wait: what they concern is looked for once."""
    waiting = [order for order in orders.open() if order.kind == "reveal" and not order.is_located]
    if len(waiting) < 2:
        return
    values = dict(waiting[0].scope.values)
    days = {day for order in waiting for day in order.scope.days}
    for order in waiting[1:]:
        for conversation, known in order.scope.values.items():
            values[conversation] = (*values.get(conversation, ()), *known)
    first = waiting[0]
    scope = msgspec.structs.replace(first.scope, values=values, days=tuple(sorted(days)))
    orders.write(msgspec.structs.replace(first, subjects=tuple(sorted(values)), scope=scope))
    for order in waiting[1:]:
        orders.close(order)
