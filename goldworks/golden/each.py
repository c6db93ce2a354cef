"""Doing the same for every use case: one that fails does not stop the others, and is not passed over in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from goldworks.errors import GoldworksError

T = TypeVar("T")


def for_each(use_cases: Iterable[str], work: Callable[[str], T], doing: str) -> dict[str, T]:
    """`work` of each use case, by its name.

    When any failed, the others are done first; then `GoldworksError` says for each what happened: our own errors in full, of
    others only the class, for their text may hold anything.
    """
    results: dict[str, T] = {}
    failed: dict[str, Exception] = {}
    for use_case in use_cases:
        try:
            results[use_case] = work(use_case)
        except Exception as error:
            failed[use_case] = error
    if failed:
        what = f"{doing} failed for {len(failed)} of {len(failed) + len(results)} use cases; the others are done:"
        reasons = (f"  {name}: {_reason(error)}" for name, error in failed.items())
        raise GoldworksError("\n".join((what, *reasons)), remedy="mend that and run it again") from next(iter(failed.values()))
    return results


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, GoldworksError) else type(error).__name__
