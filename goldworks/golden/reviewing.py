"""Review of candidates by people: proposed ones are approved or retired, each time with a name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from goldworks.errors import InputError
from goldworks.golden.register import POLICY, Row, alone, read_candidates, use_cases_with_candidates, write_candidates
from goldworks.lake import Lake


def approve(lake: Lake, use_case: str, by: str, case_ids: Collection[str] | None = None, now: datetime | None = None) -> int:
    """Approve the cases `case_ids`, or with None every proposed one; return how many changed.

    A case named here that the policy had approved is from now on approved by `by`, and one that was retired is taken back.
    Raises `InputError` for a use case or case that is not there; then nothing is changed.
    """
    is_open = _is_proposed if case_ids is None else _is_not_approved_by_a_person
    return _review(lake, use_case, by, "approved", case_ids, is_open, now)


def retire(lake: Lake, use_case: str, by: str, case_ids: Collection[str], now: datetime | None = None) -> int:
    """Retire the cases `case_ids`: they are in no version minted from now on, and no plan proposes them again.

    Returns how many changed. Raises `InputError` for a use case or case that is not there; then nothing is changed.
    """
    return _review(lake, use_case, by, "retired", case_ids, lambda row: row["state"] != "retired", now)


def _review(
    lake: Lake,
    use_case: str,
    by: str,
    state: str,
    case_ids: Collection[str] | None,
    is_open: Callable[[Row], bool],
    now: datetime | None,
) -> int:
    by = reviewer(by)
    with alone(lake):
        before = read_candidates(lake, use_case)
        if not before:
            known = ", ".join(use_cases_with_candidates(lake)) or "none yet"
            raise InputError(f"use case {use_case!r} has no candidates", remedy=f"use cases that have: {known}")
        missing = sorted(set(case_ids or ()) - before.keys())
        if missing:
            shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            raise InputError(f"use case {use_case} has no candidate {shown}", remedy=f"goldworks golden show {use_case}")
        wanted = before.keys() if case_ids is None else set(case_ids)
        chosen = [case_id for case_id in wanted if is_open(before[case_id])]
        decided = {"state": state, "reviewed_by": by, "reviewed_at": now or datetime.now(UTC)}
        write_candidates(lake, use_case, before, (before | {one: {**before[one], **decided} for one in chosen}).values())
        return len(chosen)


def reviewer(name: str) -> str:
    """`name` as it is stored. Raises `InputError` when it names nobody."""
    plain = " ".join(name.split())
    if not plain or plain.casefold().startswith("policy:"):
        raise InputError(f"{name!r} names nobody", remedy="give the name of the person who looked at the cases")
    return plain


def _is_proposed(row: Row) -> bool:
    return row["state"] == "proposed"


def _is_not_approved_by_a_person(row: Row) -> bool:
    return row["state"] != "approved" or row["reviewed_by"] == POLICY
