"""States of an environment, as any JSON value: whether two are equal, and which places differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from goldworks.digests import digest
from goldworks.evaluation.scorers.comparators import whole

Path = tuple[str, ...]


def state_digest(state: Any) -> str:
    """SHA-256 of the canonical JSON, 64 hex digits; 2 and 2.0 alike. It is compared and never stored."""
    return digest(whole(state))


def changes(before: Any, after: Any) -> list[Path]:
    """Places whose value differs, down to single values: keys of objects and 0-based indices of lists, in their order."""
    here, there = dict(_leaves(before)), dict(_leaves(after))
    return sorted(path for path in here.keys() | there.keys() if here.get(path) != there.get(path))


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Single values by their places. An empty object or list has none, and neither has null: nothing stands there."""
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Any]", value).items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast("Sequence[Any]", value)):
            yield from _leaves(item, (*path, str(index)))
    elif value is not None:
        yield path, state_digest(value)


def is_within(path: Path, allowed: str) -> bool:
    """Whether a place lies at or below a dotted one; `*` stands for any one key. A key may hold dots itself."""
    parts = tuple(allowed.split("."))
    if "*" not in parts:
        told = ".".join(path)
        return told == allowed or told.startswith(f"{allowed}.")
    return len(path) >= len(parts) and all(part in ("*", key) for part, key in zip(parts, path, strict=False))
