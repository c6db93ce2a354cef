"""What who signs a waiver or sign-off has before them: the newest recorded judgment of the release, or one from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.release.waivers import Seen

Row = Mapping[str, Any]
OPEN = ("fail", "inconclusive")


def seen_in_tables(lake: Lake, use_case: str, release: str, gates: Sequence[str]) -> Seen:
    """Of the judgment that stands. Raises `InputError` when there is none, a gate is not open in it, or it fails as a whole."""
    rows = lake.rows("release.verdicts", where=[("use_case", "=", use_case), ("release", "=", release)])
    if not rows:
        raise InputError(
            f"nothing was judged of {release} of {use_case} that could be accepted",
            remedy=f"goldworks gate --release {release} --use-case {use_case}",
        )
    newest = max(rows, key=lambda row: row["judged_at"])
    mine = [row for row in rows if row["judgment_id"] == newest["judgment_id"]]
    return _seen({**newest, "status": newest["verdict"]}, mine, gates)


def seen_in_file(path: Path, use_case: str, release: str, gates: Sequence[str]) -> Seen:
    """Of what `goldworks gate --json` wrote, say in another home. Raises `InputError`, also for another release."""
    try:
        found = orjson.loads(path.read_bytes())
        if (found["use_case"], found["release"]) != (use_case, release):
            raise InputError(f"{path}: is about {found['release']} of {found['use_case']}, not {release} of {use_case}")
        return _seen(found, found["gates"], gates)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise InputError(f"{path}: not a verdict", remedy="name what goldworks gate --json wrote") from None


def _seen(head: Row, rows: Sequence[Row], wanted: Sequence[str]) -> Seen:
    found = {row["gate"]: row for row in rows if row["kind"] != "precondition"}
    if unknown := [name for name in wanted if name not in found]:
        raise InputError(
            f"the policy {head['policy']} has no gate {unknown[0]!r} at tier {head['tier']}",
            remedy=f"one of: {', '.join(found)}" if found else "goldworks gate says which there are",
        )
    if not wanted and head["status"] == "fail":  # it would hold for whatever is milder, which nobody has seen yet
        raise InputError(
            f"{head['release']} of {head['use_case']} fails, and a failed release is not signed for",
            remedy="have its failed gates waived where the tier allows that (--gate), judge it again, then sign what is there",
        )
    statuses = {name: _found(found[name]) for name in wanted}
    if settled := [name for name, status in statuses.items() if status not in OPEN]:
        open_ = [name for name, row in found.items() if _found(row) in OPEN]
        raise InputError(
            f"there is nothing to accept of {settled[0]}: {statuses[settled[0]].replace('_', ' ')}",
            remedy=f"of this verdict is open or failed: {', '.join(open_) or 'no gate'}",
        )
    return Seen.model_validate(
        {
            "version_id": head["version_id"],
            "policy_digest": head["policy_digest"],
            "baseline": head["baseline"],
            "verdict": head["status"],
            "gates": statuses,
        }
    )


def _found(row: Row) -> str:
    """What the gate found, before anybody accepted it: what could not be decided has a reason."""
    if row["status"] != "conditional":
        return row["status"]
    return "inconclusive" if row["reason"] is not None else "fail"
