"""The planted values of the sample as Presidio leaves them, beside ours: the conversations that hold any, in memory.

Presidio knows no conversation: it gets each string of a message, of tool arguments, results and passages by itself, as its
users would give them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.redaction import baseline, ours
from benchmarks.redaction.conversations import Raw, read
from benchmarks.redaction.logs import PUBLIC, Planted, hidden_characters, is_bad, squeezed, strings, survivors
from benchmarks.redaction.metrics import Span, mask
from benchmarks.redaction.report import Report, progress
from benchmarks.redaction.sets import rows

GROUPS = {
    "plain": "structured and secrets, plain: survive",
    "disguised": "structured and secrets, disguised: survive",
    "names_addresses": "names and addresses: survive",
    "look_alike": "look-alikes: redacted",
    "not_luhn": "numbers that fail Luhn: redacted",
}
Texts = dict[str, str]
MARK = "\ufffc"
"""Stands where something was taken out, so that what stood around it is not joined."""


def run(report: Report, data: Path) -> None:
    """Ours, Presidio, Presidio's patterns."""
    truth = rows(data / "sample" / "truth" / "pii_spans.jsonl.gz")
    services = {
        row["conversation_id"]: row["service"] for row in pq.read_table(data / "sample/truth/provenance.parquet").to_pylist()
    }
    everything = read(data / "sample" / "logs")
    named = {row["conversation_id"] for row in truth}
    raws = [raw for raw in everything if raw.document.conversation_id in named]
    prose = [text for raw in everything if services.get(raw.document.conversation_id) in PUBLIC for text in assistant(raw)]
    finders = {"Presidio": baseline.with_names(), "Presidio patterns": baseline.patterns_only()}
    left: dict[str, Texts] = {"ours": by_us(raws)}
    gone: dict[str, float] = {"ours": share_gone(prose, [one.fields[0].value for one in _alone(prose)])}
    for name, find in finders.items():
        progress(f"peers: {name} on {len(raws):,} conversations")
        left[name] = by_peer(raws, find)
        gone[name] = sum(hidden(text, spans) for text, spans in zip(prose, find(prose), strict=True)) / sum(map(len, prose))
    planted = {name: survivors(texts, truth) for name, texts in left.items()}
    lines = [[label, *(_share(report, name, group, planted[name]) for name in planted)] for group, label in GROUPS.items()]
    for name, share in gone.items():
        report.figures.setdefault("peers", {}).setdefault(name, {})["prose"] = share
    lines.append(["assistant prose, public: redacted", *(f"{share:.2%}" for share in gone.values())])
    report.title(f"Planted values beside Presidio: {len(raws):,} conversations of the sample, whole output searched")
    report.table("", ["what", *left], lines)


def assistant(raw: Raw) -> list[str]:
    """The assistant's texts."""
    return [field.value for field in raw.document.fields if field.role == "assistant" and field.name == "text"]


def _alone(texts: Sequence[str]) -> list[ours.RedactedDocument]:
    return ours.redact(ours.fast_redactor(), ours.alone(texts))


def by_us(raws: Sequence[Raw]) -> Texts:
    """What our engine leaves of each conversation, squeezed."""
    done = ours.redact(ours.fast_redactor(), [raw.document for raw in raws])
    return {one.conversation_id: squeezed("\n".join(strings([field.value for field in one.fields]))) for one in done}


def by_peer(raws: Sequence[Raw], find: Callable[[Sequence[str]], list[list[Span]]]) -> Texts:
    """What an engine leaves that works on single strings; each distinct string once."""
    parts = {raw.document.conversation_id: list(strings([field.value for field in raw.document.fields])) for raw in raws}
    distinct = list(dict.fromkeys(text for texts in parts.values() for text in texts))
    became = {text: without(text, spans) for text, spans in zip(distinct, find(distinct), strict=True)}
    return {name: squeezed("\n".join(became[text] for text in texts)) for name, texts in parts.items()}


def without(text: str, spans: Sequence[Span]) -> str:
    """The text with a mark for each stretch of findings."""
    covered = mask(len(text), spans)
    begins = (at for at, gone in enumerate(covered) if gone and (at == 0 or not covered[at - 1]))
    shown = dict.fromkeys(begins, MARK)
    return "".join(shown.get(at, "" if gone else text[at]) for at, gone in enumerate(covered))


def hidden(text: str, spans: Sequence[Span]) -> int:
    """How many characters stand in findings."""
    return sum(mask(len(text), spans))


def share_gone(texts: Sequence[str], redacted: Sequence[str]) -> float:
    """Share of the characters that tokens replace."""
    return sum(map(hidden_characters, texts, redacted)) / sum(map(len, texts))


def _share(report: Report, name: str, group: str, planted: Sequence[Planted]) -> str:
    bad = [is_bad(one) for one in planted if one.group == group]
    report.figures.setdefault("peers", {}).setdefault(name, {})[group] = {"n": len(bad), "bad": sum(bad)}
    return f"{sum(bad)} of {len(bad)}, {sum(bad) / len(bad):.1%}" if bad else "-"
