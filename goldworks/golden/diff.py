"""What changed between two versions of a golden set."""

from __future__ import annotations

from dataclasses import dataclass

from goldworks.golden.case import CONTENT, Case
from goldworks.golden.read import read_version, resolve_version
from goldworks.lake import Lake


@dataclass(frozen=True, slots=True)
class Changed:
    """A case that is in both versions with different content, and the fields that differ."""

    case_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """From version `a` to version `b`; case ids are sorted."""

    a: str
    b: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Changed, ...]
    unchanged: int


def diff(lake: Lake, a: str, b: str) -> Diff:
    """Compare two versions, each named by id, beginning of it, or use case (its current one). Raises `InputError`."""
    a, b = resolve_version(lake, a), resolve_version(lake, b)
    old = {case.case_id: case for case in read_version(lake, a)}
    new = {case.case_id: case for case in read_version(lake, b)}
    both = sorted(old.keys() & new.keys())
    changed = tuple(Changed(case_id, fields) for case_id in both if (fields := _differing(old[case_id], new[case_id])))
    added, removed = tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys()))
    return Diff(a, b, added, removed, changed, len(both) - len(changed))


def _differing(old: Case, new: Case) -> tuple[str, ...]:
    return tuple(name for name in CONTENT if getattr(old, name) != getattr(new, name))
