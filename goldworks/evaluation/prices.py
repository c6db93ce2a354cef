"""What tokens cost: `expectations/policies/prices.yml`. A model that is not in it has no cost: said, not taken for 0."""

from __future__ import annotations

import datetime as dt
import fnmatch
from pathlib import Path

from pydantic import Field

from goldworks.policies import Policy, load_policy


class Price(Policy):
    """US dollars per million tokens."""

    input_usd_per_million: float = Field(ge=0)
    output_usd_per_million: float = Field(ge=0)

    def of(self, input_tokens: int | None, output_tokens: int | None) -> float | None:
        """US dollars for these tokens; None when they are not known."""
        if input_tokens is None or output_tokens is None:
            return None
        return (input_tokens * self.input_usd_per_million + output_tokens * self.output_usd_per_million) / 1_000_000


class ModelPrice(Price):
    """The price of the models whose names match the glob `model`, as it was on a day, from a source one can look up."""

    model: str = Field(min_length=1)
    as_of: dt.date
    source: str = Field(min_length=1)


class PriceTable(Policy):
    """`expectations/policies/prices.yml`; see its comments. The first entry that matches a model's name holds."""

    version: int = Field(ge=1)
    currency: str = Field(pattern="^USD$")
    prices: tuple[ModelPrice, ...] = ()

    def of(self, model: str) -> ModelPrice | None:
        """The price of a model, or None."""
        return next((price for price in self.prices if fnmatch.fnmatchcase(model.lower(), price.model.lower())), None)


def load_prices(expectations: Path) -> PriceTable:
    """The table below the folder `expectations`; an empty one where there is none. Raises `PolicyError` for a broken one."""
    path = expectations / "policies" / "prices.yml"
    return load_policy(path, PriceTable) if path.exists() else PriceTable(version=1, currency="USD")
