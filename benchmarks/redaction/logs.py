"""The development logs through the whole intake: what was planted and survives anywhere in the output, and what is redacted
without need: look-alikes, assistant prose, and alarms of the secret rules on ordinary messages.
"""

from __future__ import annotations

import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow.parquet as pq

from benchmarks.redaction import ours
from benchmarks.redaction.conversations import Raw, read
from benchmarks.redaction.report import Report, progress
from benchmarks.redaction.sets import EXAMPLES, rows
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
from goldworks.lake import Lake
from goldworks.redaction import RedactedDocument
from goldworks.redaction.tokens import TOKEN

SOFT = ("PERSON", "STREET_ADDRESS")
SECRETS = ("API_KEY", "JWT", "URL_WITH_TOKEN")
USABLE = ("ok", "no_conversation_id")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
PUBLIC = ("docs-assistant", "general-chat")
"""Services that answer from public texts: what names they hold are those of public persons and of fiction."""


class Planted(NamedTuple):
    """A planted value or look-alike: its group, entity, variant and text, and whether it stands in the output."""

    group: str
    entity: str
    variant: str
    text: str
    stands: bool


def run(report: Report, data: Path, is_full: bool = False) -> None:
    """The planted values in the sample or in all logs; the rest always on the sample, of which the raw text is held."""
    base = data if is_full else data / "sample"
    report.title(f"Planted values in {'all logs' if is_full else 'the sample logs'}: whole output searched")
    found = taken(base)
    _leaks(report, found)
    progress("assistant prose and ordinary messages of the sample")
    raws = read(data / "sample" / "logs")
    truth = rows(data / "sample" / "truth" / "pii_spans.jsonl.gz")
    services = {
        row["conversation_id"]: row["service"] for row in pq.read_table(data / "sample/truth/provenance.parquet").to_pylist()
    }
    _prose(report, raws, truth, services)
    _alarms(report, raws, truth)


def taken(base: Path, workers: int = 2) -> list[Planted]:
    """Take logs on a fresh home, and look for each planted value in all that was stored."""
    progress(f"{base.name}: read, redact and write")
    with tempfile.TemporaryDirectory() as home:
        lake = Lake(Path(home))
        policy = load_intake_policy(ours.EXPECTATIONS)
        take(lake, Source(str(base / "logs"), ours.EXPECTATIONS, policy, "policy", workers=workers), ours.KEY, progress=_day)
        texts = stored(lake)
    progress("the output is searched")
    return survivors(texts, rows(base / "truth" / "pii_spans.jsonl.gz"))


def _day(day: str, number: int, days: int) -> None:
    progress(f"{day}, {number} of {days}")


def stored(lake: Lake) -> dict[str, str]:
    """All text that is stored of each conversation, squeezed."""
    parts: dict[str, list[str]] = defaultdict(list)
    columns = ["text", "tool_calls", "tool_result", "passages"]
    for row in lake.rows("logs.messages", ["conversation_id", *columns]):
        for column in columns:
            value = row[column]
            is_json = column.startswith("tool_") and value is not None
            parts[row["conversation_id"]] += strings(orjson.loads(value) if is_json else value)
    for row in lake.rows("logs.turns", ["conversation_id", "feedback_comment"]):
        parts[row["conversation_id"]] += strings(row["feedback_comment"])
    return {name: squeezed("\n".join(found)) for name, found in parts.items()}


def survivors(texts: dict[str, str], truth: Iterable[dict[str, Any]]) -> list[Planted]:
    """Each planted value, and whether it stands anywhere in its conversation (in the whole output where it has none)."""
    whole = "\n".join(texts.values())
    return [
        Planted(
            group_of(row),
            row["entity"],
            row["variant"],
            row["text"],
            squeezed(row["text"]) in texts.get(row["conversation_id"], whole),
        )
        for row in truth
        if row["line_state"] in USABLE
    ]


def group_of(row: dict[str, Any]) -> str:
    """Which target a planted value belongs to."""
    if not row["is_pii"]:
        return "not_luhn" if row["entity"] == "NON_LUHN_NUMBER" else "look_alike"
    if row["entity"] in SOFT:
        return "names_addresses"
    return "plain" if row["variant"] == "plain" else "disguised"


def strings(value: Any) -> Iterator[str]:
    """All strings of a JSON value, keys too, and numbers as text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)
    elif value is not None:
        yield str(value)


def squeezed(text: str) -> str:
    """Without white space, zero-width characters and case."""
    return "".join(unicodedata.normalize("NFKC", text).translate(INVISIBLE).split()).casefold()


def _leaks(report: Report, found: Sequence[Planted]) -> None:
    labels = {
        "plain": "structured and secrets, plain",
        "disguised": "structured and secrets, disguised",
        "names_addresses": "names and addresses",
        "look_alike": "look-alikes",
        "not_luhn": "numbers that fail Luhn",
    }
    lines: list[list[str]] = []
    by_entity: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for one in found:
        by_entity[one.group, one.entity].append(is_bad(one))
    for key, label in labels.items():
        bad = [is_bad(one) for one in found if one.group == key]
        report.figures.setdefault("logs", {})[key] = {"n": len(bad), "bad": sum(bad)}
        verb = "redacted" if key in ("look_alike", "not_luhn") else "survive"
        lines.append([label, verb, f"{sum(bad):,}", f"{len(bad):,}", f"{sum(bad) / len(bad):.2%}" if bad else "-"])
        for (group, entity), one in sorted(by_entity.items()):
            if group == key and sum(one):
                lines.append([f"   {entity}", verb, f"{sum(one):,}", f"{len(one):,}", f"{sum(one) / len(one):.2%}"])
    report.table("Compared without white space and zero-width characters", ["what", "how", "bad", "of", "share"], lines)
    bad_ones = [f"{one.entity:<16}{one.variant:<14}{one.text!r}" for one in found if is_bad(one)]
    report.examples(f"survivors and look-alikes gone, of {len(bad_ones):,}", bad_ones[:EXAMPLES])


def is_bad(one: Planted) -> bool:
    """A value that stands, or a look-alike that does not."""
    return one.stands == (one.group not in ("look_alike", "not_luhn"))


def _prose(report: Report, raws: Sequence[Raw], truth: Sequence[dict[str, Any]], services: dict[str, str]) -> None:
    """Characters of assistant texts that are gone, in messages that hold no planted value."""
    planted = values_of(truth, lambda row: row["is_pii"])
    done = ours.redact(ours.fast_redactor(), [raw.document for raw in raws])
    sizes: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    why: dict[str, Counter[str]] = defaultdict(Counter)
    examples: list[str] = []
    for raw, redacted in zip(raws, done, strict=True):
        service = services.get(raw.document.conversation_id, "unknown")
        for text, became, types in assistant_texts(raw, redacted):
            if any(value in squeezed(text) for value in planted[raw.document.conversation_id]):
                continue
            hidden = hidden_characters(text, became)
            for name in {service, "all", "public" if service in PUBLIC else "agents"}:
                sizes[name] += len(text)
                gone[name] += hidden
                why[name].update(types)
            if hidden and service in PUBLIC:
                examples.append(became[:90].replace("\n", " "))
    lines = [
        [
            name,
            f"{sizes[name]:,}",
            f"{gone[name]:,}",
            f"{gone[name] / sizes[name]:.2%}",
            ", ".join(f"{t} {n}" for t, n in why[name].most_common(3)),
        ]
        for name in sorted(sizes, key=lambda name: (name in ("all", "public", "agents"), name))
    ]
    for name in sizes:
        report.figures.setdefault("prose", {})[name] = gone[name] / sizes[name]
    report.table("Assistant prose without planted values", ["service", "characters", "gone", "share", "tokens"], lines)
    report.say(
        "The agents' texts hold the source's own fictional names, phones and addresses, which are rightly gone; 'public' "
        "(docs-assistant and general-chat) holds none, but public persons and characters of fiction."
    )
    report.examples("prose with something gone", examples[:EXAMPLES])


def assistant_texts(raw: Raw, done: RedactedDocument) -> Iterator[tuple[str, str, list[str]]]:
    """(text, what it became, types of its tokens) of the assistant's messages."""
    for field, became in zip(raw.document.fields, done.fields, strict=True):
        if field.role == "assistant" and field.name == "text":
            yield field.value, became.value, [entity.type for entity in became.entities]


def hidden_characters(text: str, redacted: str) -> int:
    """How many characters of a text its tokens replace."""
    return len(TOKEN.sub("", text)) - len(TOKEN.sub("", redacted))


def values_of(truth: Iterable[dict[str, Any]], wanted: Any) -> dict[str, set[str]]:
    """Planted values, squeezed, by conversation."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in truth:
        if wanted(row):
            found[row["conversation_id"]].add(squeezed(row["text"]))
    return found


def ordinary(raws: Sequence[Raw], truth: Sequence[dict[str, Any]]) -> list[str]:
    """Distinct user and assistant texts in which no secret was planted."""
    planted = values_of(truth, lambda row: row["entity"] in SECRETS)
    return list(
        dict.fromkeys(
            field.value
            for raw in raws
            for field in raw.document.fields
            if field.role in ("user", "assistant")
            and field.name == "text"
            and not any(value in squeezed(field.value) for value in planted[raw.document.conversation_id])
        )
    )


def _alarms(report: Report, raws: Sequence[Raw], truth: Sequence[dict[str, Any]]) -> None:
    texts = ordinary(raws, truth)
    alarms = ours.secrets(texts)
    rate = 1000 * sum(alarms) / len(texts)
    report.figures["alarms_per_1000"] = rate
    report.say(f"Secret rules on {len(texts):,} ordinary messages: {sum(alarms)} alarms, {rate:.2f} per 1,000")
    report.examples("alarms", [repr(text)[:90] for text, alarm in zip(texts, alarms, strict=True) if alarm][:EXAMPLES])
