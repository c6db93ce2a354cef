"""Changes of policies, noted in the audit log when they are first worked with. The log itself says what was noted last."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from goldworks.access.audit_log import AuditLog, Entry

CHANGED = "policies.changed"
_VERSION = re.compile(r"^version:\s*(\S+)", re.MULTILINE)


def note_policies(expectations: Path, log: AuditLog) -> list[str]:
    """Note which files of the policies changed since they were noted last; return them. Both intake and audit call this.

    What was changed and changed back in between is not seen: keep the folder under version control.
    """
    before, now = noted(log.entries()), current(expectations)
    changed = {name: state for name, state in now.items() if before.get(name) != state}
    removed = sorted(before.keys() - now.keys())
    if changed or removed:
        log.append(CHANGED, {"changed": changed, "removed": removed, "is_first": not before})
    return [*changed, *removed]


def current(expectations: Path) -> dict[str, list[str]]:
    """[version, SHA-256] of every policy file, by its path below the folder; a file without a version has an empty one."""
    found: dict[str, list[str]] = {}
    for path in sorted(expectations.rglob("*.y*ml")):
        data = path.read_bytes()
        version = _VERSION.search(data.decode("utf-8", "replace"))
        name = path.relative_to(expectations).as_posix()
        found[name] = [version[1] if version else "", hashlib.sha256(data).hexdigest()]
    return found


def noted(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """What the audit log says the policies were when they were noted last."""
    state: dict[str, list[str]] = {}
    for entry in entries:
        if entry.kind == CHANGED:
            state |= entry.detail["changed"]
            for name in entry.detail["removed"]:
                state.pop(name, None)
    return state
