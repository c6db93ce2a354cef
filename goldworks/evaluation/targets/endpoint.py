"""What targets behind an HTTP address have in common: where they are reached, and what their tokens cost, may be said anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, Self, TypeVar

from goldworks.errors import InputError
from goldworks.evaluation.prices import Price
from goldworks.evaluation.targets.addresses import checked_url
from goldworks.evaluation.targets.protocol import Limits
from goldworks.golden.read import Case
from goldworks.lake import Lake


class EndpointPolicy(Protocol):
    """What the file of every such target says."""

    @property
    def limits(self) -> Limits:
        """Its limits."""
        ...

    @property
    def model(self) -> str | None:
        """What it calls its model, if it says so."""
        ...

    @property
    def prices(self) -> Price | None:
        """What its tokens cost, if it says so."""
        ...


Written = TypeVar("Written", bound=EndpointPolicy)


class Endpoint(Generic[Written]):
    """A target that is asked over HTTP. `address`: where it is reached instead of where its file says."""

    is_redacted = False
    is_fixed = False

    def __init__(self, name: str, policy: Written, address: str | None = None, price: Price | None = None) -> None:
        self.name = name
        self.limits = policy.limits
        self.model = policy.model
        self._policy = policy
        self._address = address
        self.price = policy.prices or price

    def at_url(self, base_url: str) -> Self:
        """The same endpoint, reached at another address. Its configuration, and so every digest, stays the same.

        Raises `InputError` for what is no plain http address.
        """
        try:
            return type(self)(self.name, self._policy, checked_url(base_url), self.price)
        except ValueError as error:
            raise InputError(f"target {self.name}: base URL: {error}") from None

    def priced(self, price: Price | None) -> Self:
        """The same endpoint, whose tokens cost `price` unless its own file says otherwise. No digest changes."""
        return type(self)(self.name, self._policy, self._address, self._policy.prices or price)

    def prepare(self, lake: Lake, cases: Sequence[Case]) -> Self:
        """Nothing to prepare: it can be asked anything."""
        return self
