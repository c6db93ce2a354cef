"""Stateless Poisson sampling by hash: whether an item is drawn depends on its id and the salt alone, in batch and in a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

BITS = 64


def uniform(salt: str, item_id: str) -> float:
    """Number in [0, 1) of an item: the first 8 bytes of sha256(salt | id) over 2**64. Drawn when it is below the probability."""
    data = hashlib.sha256(f"{salt}|{item_id}".encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(data[:8], "big") >> 11) / 2 ** (BITS - 11)  # 53 bits: the highest hashes would round to 1.0


def is_drawn(salt: str, item_id: str, probability: float) -> bool:
    """Whether the item is drawn with that inclusion probability (0..1)."""
    return uniform(salt, item_id) < probability


def scaled_to(probabilities: Sequence[float], budget: float) -> list[float]:
    """The probabilities times the largest factor, at most 1, that keeps the expected number of items within `budget`."""
    total = sum(probabilities)
    if total <= budget:
        return list(probabilities)
    factor = budget / total
    return [one * factor for one in probabilities]
