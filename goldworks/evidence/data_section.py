"""Where the data came from, and how it was redacted, as a section of a pack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from goldworks.evidence.sections import Section, Table, estimate_words

Row = dict[str, Any]


def data(facts: Row) -> Section:
    """From `facts.json`."""
    rows = [
        (one["version_id"], f"{one['cases']:,}", one["minted_at"][:10], one["parent_version_id"] or "none", _state(one))
        for one in facts["versions"]
    ]
    redaction = facts["redaction"]
    types = ", ".join(f"{name} {n:,}" for name, n in redaction["redacted"].items()) or "none"
    said = (
        f"Logs of the use case: {redaction['conversations']:,} conversations, {redaction['messages']:,} messages, "
        f"{redaction['withheld']:,} withheld because they could not be redacted. Values replaced before anything was stored, by "
        f"type: {types}."
    )
    origins = "Cases by origin: " + (", ".join(f"{name} {n:,}" for name, n in facts["origins"].items()) or "none") + "."
    table = Table(("Golden version", "Cases", "Minted", "Made from", "State"), rows, (30, 10, 15, 30, 15))
    maps = "Annex IV 2(d) (data, provenance); NIST MAP 2.3, MEASURE 2.10; ISO/IEC 42001 A.7"
    return Section("Datasets, lineage, redaction", maps, (table, origins, *_sources(facts), said, *_proof(facts)))


def _sources(facts: Row) -> Iterator[str]:
    """Nothing in packs of before."""
    one = facts.get("sources")
    if one and one["cases"]:
        lost = f" The turns of {one['untraced']:,} are no longer in the logs." if one["untraced"] else ""
        files = "no log file that is still known"
        if one["files"]:
            policies = ", ".join(one["redaction_policies"])
            files = (
                f"{one['files']:,} log files that arrived from {one['first_day']} to {one['last_day']}, read under redaction "
                f"policy {policies}; SHA-256 over the sorted SHA-256 of these files: {one['digest']}"
            )
        yield f"The {one['cases']:,} cases of production come from {files}.{lost}"


def _proof(facts: Row) -> Iterator[str]:
    if "proof" not in facts:
        return
    scan, audit = facts["proof"]["second_scanner"], facts["proof"]["leak_audit"]
    if scan is None:
        yield "No scanner of another maker has looked at what this installation publishes (goldworks redact scan)."
    else:
        yield (
            f"A scanner of another maker looked at what this installation publishes on {scan['scanned_on']}: "
            f"{scan['texts']:,} texts, {scan['findings']:,} findings, {scan['accepted']:,} accepted by people as "
            f"harmless, {scan['open']:,} values open, {scan['not_scanned']:,} texts not scanned."
        )
    if audit is None:
        yield "No person has read a sample of redacted messages for what was missed (goldworks audit)."
    else:
        yield (
            f"People read {audit['messages']:,} of {audit['of']:,} redacted messages, drawn at random on {audit['drawn_on']}. "
            f"Share with something that was missed: {estimate_words(audit['leak_rate'])}."
        )


def _state(version: Row) -> str:
    return f"deleted: {version['tombstoned_by']}" if version["is_tombstone"] else "kept"
