"""Where two JSON values differ."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import Any

CLOSE = 1e-9
"""Figures of other machines may differ in their last digits."""


def differences(shown: Any, computed: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Places (`gates.3.estimate.low`) where two JSON values differ; of lists of named things the name stands for the index."""
    if isinstance(shown, dict) and isinstance(computed, dict):
        for name in sorted(shown.keys() | computed.keys()):
            yield from differences(shown.get(name), computed.get(name), f"{place}.{name}" if place else str(name))
    elif isinstance(shown, list) and isinstance(computed, list) and len(shown) == len(computed):
        for index, (a, b) in enumerate(zip(shown, computed, strict=True)):
            name = b.get("gate") or b.get("metric") or index if isinstance(b, dict) else index
            yield from differences(a, b, f"{place}.{name}")
    elif isinstance(shown, float) and isinstance(computed, float):
        if not isclose(shown, computed, rel_tol=CLOSE, abs_tol=1e-12):
            yield place, shown, computed
    elif shown != computed:
        yield place, shown, computed
