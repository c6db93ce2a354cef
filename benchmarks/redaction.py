"""What the redaction finds, what it leaves, and how fast it is, on annotated text and on the sample logs.

python benchmarks/redaction.py DATA [--no-names] [--show WHAT]

DATA holds `redaction/*.jsonl.gz` and `sample/`. A span counts as caught when 90 % of its letters and digits are covered by any
finding. `--show` prints what a part missed or found wrongly: tech_en, formats, synth, wnut17, secrets, sample, lookalikes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
from goldworks.lake import Lake
from goldworks.redaction import Document, Field, Redactor, load_redactor
from goldworks.redaction.tokens import TOKEN

ROOT = Path(__file__).resolve().parents[1]
EXPECTATIONS = ROOT / "expectations"
KEY = b"\x03" * 32
STRUCTURED = {
    "EMAIL_ADDRESS", "PHONE_NUMBER", "SOCIAL_SECURITY_NUMBER", "US_SSN", "CREDIT_CARD", "IBAN", "IBAN_CODE", "IP_ADDRESS",
    "MAC_ADDRESS",
}  # fmt: skip
NAMES = {"PERSON", "PERSON_NAME", "person"}
PLANTED_NAMES = {"PERSON", "STREET_ADDRESS"}
ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def covered(text: str, redacted: str) -> list[bool]:
    """Which characters of `text` stand under a token in `redacted`: what is between the tokens is as it was."""
    kept = TOKEN.split(redacted)
    pieces = kept[:: TOKEN.groups + 1]
    mask = [True] * len(text)
    at = 0
    for index, piece in enumerate(pieces):
        start = 0 if index == 0 else (len(text) - len(piece) if index == len(pieces) - 1 else text.find(piece, at))
        mask[start : start + len(piece)] = [False] * len(piece)
        at = start + len(piece)
    return mask


def is_caught(text: str, mask: list[bool], start: int, end: int) -> bool:
    inside = [mask[index] for index in range(start, end) if text[index].isalnum()]
    return sum(inside) >= 0.9 * len(inside)


def redact_texts(redactor: Redactor, texts: Iterable[str]) -> list[str]:
    documents = [Document(str(index), (Field("m", "user", "text", text),)) for index, text in enumerate(texts)]
    fields = [document.fields[0] for document in redactor.redact(documents)]
    withheld = sum(field.is_withheld for field in fields)
    if withheld:
        print(f"  {withheld} texts were withheld: they count as caught")
    return [field.value for field in fields]


def annotated(redactor: Redactor, path: Path, types: set[str] | None, show: bool) -> tuple[int, int, float]:
    """(caught, all, precision over characters of those types' findings is left to `precision`)."""
    data = rows(path)
    done = redact_texts(redactor, [row["text"] for row in data])
    caught = total = hidden = right = 0
    for row, redacted in zip(data, done, strict=True):
        text = row["text"]
        mask = covered(text, redacted)
        gold = [False] * len(text)
        for start, end, type_ in row["gold"]:
            gold[start:end] = [True] * (end - start)
            if types is None or type_ in types:
                total += 1
                is_found = is_caught(text, mask, start, end)
                caught += is_found
                if show and not is_found:
                    print(f"  missed {type_:<24}{text[start:end]!r:<44}{text[max(0, start - 50) : end + 20]!r}")
        hidden += sum(m and ch.isalnum() for m, ch in zip(mask, text, strict=True))
        right += sum(m and g and ch.isalnum() for m, g, ch in zip(mask, gold, text, strict=True))
    return caught, total, right / hidden if hidden else 1.0


def name_precision(redactor: Redactor, path: Path) -> float:
    """Share of PERSON findings that overlap a gold person."""
    data = rows(path)
    documents = [Document(str(index), (Field("m", "user", "text", row["text"]),)) for index, row in enumerate(data)]
    right = total = 0
    for row, document in zip(data, redactor.redact(documents), strict=True):
        field = document.fields[0]
        mask = covered(row["text"], field.value)
        shift = 0
        for entity in sorted(field.entities, key=lambda entity: entity.start):
            start = entity.start - shift
            end = start
            while end < len(mask) and mask[end]:
                end += 1
            shift += (entity.end - entity.start) - (end - start)
            if entity.type == "PERSON":
                total += 1
                right += any(start < e and s < end for s, e, type_ in row["gold"] if type_ in NAMES)
    return right / total if total else 1.0


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(key)
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).translate(ZERO_WIDTH).split()).casefold()


def planted(data: Path, names: str, show: set[str]) -> None:
    """Take the sample logs and search all that was stored for what was planted in them."""
    truth = [row for row in rows(data / "sample/truth/pii_spans.jsonl.gz") if row["line_state"] in ("ok", "no_conversation_id")]
    with tempfile.TemporaryDirectory() as home:
        lake = Lake(Path(home))
        source = Source(str(data / "sample/logs"), EXPECTATIONS, load_intake_policy(EXPECTATIONS), names, workers=0)
        started = time.process_time()
        taken = take(lake, source, KEY)
        seconds = time.process_time() - started
        stored: dict[str, list[str]] = {}
        for table, columns in (
            ("logs.messages", ("text", "tool_calls", "tool_result", "passages")),
            ("logs.turns", ("feedback_comment",)),
        ):
            for row in lake.rows(table):
                found = stored.setdefault(row["conversation_id"], [])
                for column in columns:
                    value = row[column]
                    if value is not None:
                        found += strings(json.loads(value) if column in ("tool_calls", "tool_result") else value)
        entities = Counter(row["type"] for row in lake.rows("logs.entities"))
    print(f"sample: {taken.messages:,} messages, {taken.entities:,} entities, {seconds:.1f} CPU s to read, redact and write")
    print("  " + ", ".join(f"{name} {count}" for name, count in entities.most_common()))
    everything = {conversation: "\n".join(map(squeezed, texts)) for conversation, texts in stored.items()}
    whole = "\n".join(everything.values())
    groups: dict[str, list[int]] = {}
    for row in truth:
        needle = squeezed(row["text"])
        haystack = everything.get(row["conversation_id"], whole)
        survives = needle in haystack
        if row["is_pii"]:
            kind = "names and addresses" if row["entity"] in PLANTED_NAMES else "structured and secrets"
            if row["entity"] not in PLANTED_NAMES and row["variant"] != "plain":
                kind += ", disguised"
            if survives and "sample" in show:
                print(f"  survived {row['entity']:<16}{row['variant']:<14}{row['text']!r}")
        else:
            kind = f"look-alikes gone ({'NON_LUHN_NUMBER' if row['entity'] == 'NON_LUHN_NUMBER' else 'others'})"
            survives = not survives
            if survives and "lookalikes" in show:
                print(f"  gone {row['entity']:<16}{row['text']!r}")
        counted = groups.setdefault(kind, [0, 0])
        counted[0] += survives
        counted[1] += 1
    for kind, (bad, total) in sorted(groups.items()):
        verb = "" if kind.startswith("look") else "planted values that survive, "
        print(f"  {verb + kind:<64}{bad:>5} of {total:<5}{bad / total:>7.1%}")


def speed(redactor: Redactor, data: Path, label: str) -> None:
    texts = [
        row["text"] for name in ("tech_en", "formats", "synth", "wnut17_dev") for row in rows(data / f"redaction/{name}.jsonl.gz")
    ]
    random.Random(7).shuffle(texts)
    fresh = [f"{text} {index}x" for index, text in enumerate(texts)]  # nothing from the caches
    if label != "no names":
        fresh = fresh[:1500]
    started = time.process_time()
    redact_texts(redactor, fresh)
    seconds = time.process_time() - started
    size = sum(map(len, fresh)) / len(fresh)
    print(
        f"speed, {label}: {len(fresh) / seconds:,.0f} messages per CPU-second (about {size:.0f} characters, dense with "
        f"personal data)"
    )


def secrets(redactor: Redactor, data: Path, show: bool) -> None:
    for name, wanted in (("positive", True), ("negative", False)):
        examples = rows(data / f"redaction/secrets_{name}.jsonl.gz")
        documents = [Document(str(i), (Field("m", "user", "text", row["text"], False),)) for i, row in enumerate(examples)]
        hits = 0
        for row, document in zip(examples, redactor.redact(documents), strict=True):
            is_hit = any(entity.layer == "secret" for entity in document.fields[0].entities)
            hits += is_hit
            if show and is_hit != wanted:
                rules = {entity.rule for entity in document.fields[0].entities}
                print(f"  {name} {row['meta']['rule']:<32}{row['text'][:150]!r} {rules or ''}")
        print(f"secrets, {name}: {hits} of {len(examples)} flagged, {hits / len(examples):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--no-names", action="store_true")
    parser.add_argument("--show", nargs="*", default=[])
    arguments = parser.parse_args()
    data, show = arguments.data, set(arguments.show)
    policy = EXPECTATIONS / "policies" / "redaction.yml"
    off = load_redactor(policy, KEY, "off")
    names = "off" if arguments.no_names else "policy"
    redactor = load_redactor(policy, KEY, names)
    if "only-sample" in show:
        planted(data, names, show)
        return
    for name in ("tech_en", "formats", "synth"):
        caught, total, _ = annotated(off, data / f"redaction/{name}.jsonl.gz", STRUCTURED, name in show)
        print(f"structured span recall, {name:<10}{caught:>6} of {total:<6}{caught / total:.4f}")
    if not arguments.no_names:
        for name in ("wnut17_dev", "synth"):
            path = data / f"redaction/{name}.jsonl.gz"
            caught, total, _ = annotated(redactor, path, NAMES, "names" in show)
            print(
                f"names span recall, {name:<15}{caught:>6} of {total:<6}{caught / total:.4f}  precision "
                f"{name_precision(redactor, path):.3f}"
            )
    secrets(off, data, "secrets" in show)
    speed(off, data, "no names")
    if not arguments.no_names:
        speed(redactor, data, "with names")
    planted(data, names, show)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
