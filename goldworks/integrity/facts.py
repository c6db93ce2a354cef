"""Everything that the audit of a month says, as plain data: counts, ids, hashes, names of policies; never a text or a value."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from goldworks import __version__
from goldworks.access.audit_log import AuditLog, Entry
from goldworks.access.file_rights import count_files, wrong_rights
from goldworks.access.key_policy import load_key_policy
from goldworks.access.vault import Vault
from goldworks.errors import GoldworksError
from goldworks.forgetting.certificate import Certificates
from goldworks.home import Home
from goldworks.integrity import lineage
from goldworks.integrity.policies import CHANGED, current, noted
from goldworks.review import leak_audit

Facts = dict[str, Any]
MOST_SHOWN = 50
MADE_ANEW = ("marts", "caches", "cache of names")
"""Places that an erasure makes anew as a whole, the last as earlier certificates call it: their counts say nothing."""


def gather(home: Home, month: str) -> Facts:
    """The facts of a month (`2026-11`), and the state of the home now."""
    log = home.audit_log
    entries = [entry for entry in log.entries() if entry.at.startswith(month)]
    facts: Facts = {
        "month": month,
        "generated_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "goldworks_version": __version__,
        "home": home.root.name,
        "signing_key_id": home.signer.key_id,
        "days": lineage.days(home.lake, month),
        "withheld_rate": asdict(lineage.withheld(home.lake, month)),
        "golden_versions": lineage.versions(home.lake),
        "links": lineage.broken_links(home.lake),
        "rights": _rights(home),
        "audit_log": _log(log, entries),
        "policies": _policies(home, entries),
        "key_ring": _keys(home, entries),
        "erasures": _erasures(home, month),
        "retention": [_said(entry) for entry in entries if entry.kind.startswith("retention")],
        "leak_audits": _leak_audits(home, month),
        "entries": [_said(entry) for entry in entries],
    }
    return facts | {"findings": findings(facts)}


def findings(facts: Facts) -> list[str]:
    """What an auditor must be told first, in words; empty when all is well."""
    log, found = facts["audit_log"], list[str]()
    if log["broken_seq"] is not None:
        found.append(f"The audit log is broken at entry {log['broken_seq']}: {log['reason']}.")
    if log["set_aside"]:
        found.append(f"The audit log was found broken earlier; what was there is kept: {', '.join(log['set_aside'])}.")
    if wrong := facts["rights"]["wrong"]:
        found.append(f"{wrong} files or folders can be opened by others than the owner.")
    if off := [day["day"] for day in facts["days"] if not day["is_balanced"]]:
        found.append(f"Lines do not add up on {', '.join(off)}.")
    found += [
        f"{link['broken']:,} {link['what']}." for link in facts["links"] if link["broken"] and link["what"] != lineage.EXPIRED
    ]
    found += [f"Certificate {one['file']}: {one['problem']}." for one in facts["erasures"] if one["problem"]]
    found += [f"The policy {name} changed and was not worked with yet." for name in facts["policies"]["not_noted"]]
    return found


def _rights(home: Home) -> Facts:
    wrong = wrong_rights(home.root)
    names = [path.relative_to(home.root).as_posix() for path in wrong[:MOST_SHOWN]]
    return {"files": count_files(home.root), "wrong": len(wrong), "examples": names}


def _log(log: AuditLog, entries: list[Entry]) -> Facts:
    verdict = log.verify()
    try:
        head = log.head()
    except GoldworksError:
        head = None  # the verdict says that it is unusable
    kinds: dict[str, int] = {}
    for entry in entries:
        kinds[entry.kind] = kinds.get(entry.kind, 0) + 1
    return {
        "length": verdict.length,
        "head": verdict.head,
        "broken_seq": verdict.broken_seq,
        "reason": verdict.reason,
        "set_aside": list(verdict.set_aside),
        "signed_length": head.length if head else 0,
        "signed_at": head.at if head else None,
        "of_the_month": dict(sorted(kinds.items())),
    }


def _policies(home: Home, entries: list[Entry]) -> Facts:
    now, before = current(home.settings.expectations), noted(home.audit_log.entries())
    changes = [
        {
            "at": entry.at,
            "actor": entry.actor,
            "policy": name,
            "version": version,
            "digest": digest,
            "is_first": entry.detail["is_first"],
        }
        for entry in entries
        if entry.kind == CHANGED
        for name, (version, digest) in entry.detail["changed"].items()
    ]
    gone = [(entry, name) for entry in entries if entry.kind == CHANGED for name in entry.detail["removed"]]
    changes += [
        {"at": entry.at, "actor": entry.actor, "policy": name, "version": "removed", "digest": "", "is_first": False}
        for entry, name in gone
    ]
    return {
        "current": [{"policy": name, "version": version, "digest": digest} for name, (version, digest) in now.items()],
        "changes": [change for change in changes if not change["is_first"]],
        "first_noted_at": next((change["at"] for change in changes if change["is_first"]), None),
        "not_noted": [name for name, state in now.items() if before.get(name) != state],
    }


def _keys(home: Home, entries: list[Entry]) -> Facts:
    policy = load_key_policy(home.settings.expectations)
    return {
        "identity_generation": home.ring.generation,
        "generations_kept": home.ring.generations,
        "joins_across_rotation": policy.joins_across_rotation,
        "signing_keys": len(home.signer.public_keys()),
        "vault": "on" if policy.vault else "off",
        "vault_values": Vault(home.root).count(),
        "events": [_said(entry) for entry in entries if entry.kind.startswith(("keys.", "vault."))],
    }


def _erasures(home: Home, month: str) -> list[Facts]:
    """Certificates that were closed in the month, each with whether its signature holds."""
    found: list[Facts] = []
    for path in Certificates(home.root).paths():
        problem, body = "", dict[str, Any]()
        try:
            body = Certificates(home.root).read(path, home.signer)
        except GoldworksError as error:
            problem = error.what
        if problem or str(body.get("closed_at", "")).startswith(month):
            removed = sum(
                n for place, counts in body.get("removed", {}).items() if place not in MADE_ANEW for n in counts.values()
            )
            names = ("order_id", "kind", "opened_at", "closed_at", "is_verified")
            found.append({**{name: body.get(name) for name in names}, "file": path.name, "removed": removed, "problem": problem})
    return found


def _leak_audits(home: Home, month: str) -> list[Facts]:
    """Samples that people read for personal data that was missed; drawn in the month or judged in it."""
    found: list[Facts] = []
    for audit in leak_audit.audits(home.lake):
        times = [audit.drawn_at, *(item.judged_at for item in audit.items if item.judged_at)]
        if any(f"{time:%Y-%m}" == month for time in times):
            estimate = asdict(leak_audit.leak_rate(audit))
            found.append(
                {"audit_id": audit.audit_id, "sample": len(audit.items), "population": audit.population, "rate": estimate}
            )
    return found


def _said(entry: Entry) -> Facts:
    return {"seq": entry.seq, "at": entry.at, "kind": entry.kind, "actor": entry.actor, "detail": entry.detail}
