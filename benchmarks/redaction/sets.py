"""The annotated sets: precision, recall and F2 per type, ours and Presidio's on the same texts with the same measure.

Types that mean the same have one name here. Texts are shown on the screen when asked for, and never kept.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from benchmarks.redaction import baseline, ours
from benchmarks.redaction.metrics import ALL, Counts, Span, count, f2, is_caught, mask
from benchmarks.redaction.report import Report, of, progress, shown, two

SETS = ("tech_en", "formats", "synth", "wnut17_dev")
STRUCTURED = ("EMAIL_ADDRESS", "PHONE_NUMBER", "US_SSN", "CREDIT_CARD", "IBAN", "IP_ADDRESS", "MAC_ADDRESS")
NAMED = {
    "PERSON": "PERSON_NAME person",
    "US_SSN": "SOCIAL_SECURITY_NUMBER",
    "IBAN": "IBAN_CODE",
    "ADDRESS, PLACE": "STREET_ADDRESS ZIP_CODE POSTAL_CODE GPE LOCATION location",
    "DATE": "DATE_TIME TIMESTAMP DATE_OF_BIRTH",
    "SECRET": "PASSWORD API_KEY JWT PRIVATE_KEY URL_TOKEN CRYPTO",
    "ID NUMBER": "IDENTITY_NUMBER PASSPORT US_PASSPORT US_DRIVER_LICENSE US_ITIN US_BANK_NUMBER MEDICAL_RECORD_NUMBER TAX_ID "
    "NATIONAL_ID_NUMBER BANK_ACCOUNT_NUMBER INSURANCE_POLICY_NUMBER EMPLOYEE_ID INVOICE_NUMBER SWIFT_BIC_CODE US_MBI US_NPI "
    "UK_NHS UK_NINO MEDICAL_LICENSE",
    "ORGANIZATION": "ORGANIZATION_NAME group corporation",
    "DOMAIN, URL": "DOMAIN_NAME URL",
}
GROUP = {name: group for group, names in NAMED.items() for name in names.split()}
MEANT = frozenset(
    "PERSON PERSON_NAME EMAIL_ADDRESS PHONE_NUMBER US_SSN SOCIAL_SECURITY_NUMBER CREDIT_CARD IBAN IBAN_CODE IP_ADDRESS "
    "MAC_ADDRESS STREET_ADDRESS ZIP_CODE DATE_OF_BIRTH PASSWORD API_KEY USERNAME MEDICAL_RECORD_NUMBER TAX_ID "
    "NATIONAL_ID_NUMBER EMPLOYEE_ID BANK_ACCOUNT_NUMBER INSURANCE_POLICY_NUMBER US_DRIVER_LICENSE".split()
)
"""What our policy means to redact. The rest of the gold is no value that leads to one person: times, organisations, job
titles, places, salaries, diagnoses, invoice numbers."""
EXAMPLES = 20


class Engine(NamedTuple):
    """Somebody who finds: `key` in the figures, `label` in the tables."""

    key: str
    label: str
    find: Callable[[Sequence[str]], list[list[Span]]]


class Annotated(NamedTuple):
    """A set: its texts and their gold, by position."""

    texts: list[str]
    gold: list[list[Span]]


def group(type_: str) -> str:
    """The one name of types that mean the same."""
    return GROUP.get(type_, type_)


def rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a gzipped file of JSON lines."""
    with gzip.open(path) as lines:
        return [orjson.loads(line) for line in lines]


def load(data: Path, name: str) -> Annotated:
    """A set below the data folder."""
    found = rows(data / "redaction" / f"{name}.jsonl.gz")
    return Annotated([row["text"] for row in found], [[(s, e, t) for s, e, t in row["gold"]] for row in found])


def engines() -> list[Engine]:
    """Ours with and without names, Presidio with and without."""
    return [
        Engine("ours", "ours", ours.finder("policy")),
        Engine("ours_no_names", "ours, no names", ours.finder("off")),
        Engine("presidio", "Presidio", baseline.with_names()),
        Engine("presidio_patterns", "Presidio patterns", baseline.patterns_only()),
    ]


def run(report: Report, data: Path) -> None:
    """All sets, all engines."""
    report.title("Annotated text")
    report.say(
        "A span is caught when 90 % of its letters and digits are covered by findings of any type. A finding is right where "
        "it stands on gold of its own type, in the row 'everything' on gold of any type. F2 over characters counts all that is "
        "no white space."
    )
    who = engines()
    summary: list[list[str]] = []
    for name in SETS:
        annotated = load(data, name)
        tables: dict[str, dict[str, Counts]] = {}
        meant: dict[str, float | None] = {}
        for engine in who:
            progress(f"{name}: {engine.label}, {len(annotated.texts):,} texts")
            found = engine.find(annotated.texts)
            tables[engine.key] = count(annotated.texts, annotated.gold, found, group)
            meant[engine.key] = f2_of_meant(annotated, found, tables[engine.key][ALL])
            if engine.key == "ours":
                _examples(report, name, annotated, found)
        _print_set(report, name, who, tables)
        for engine in who:
            keep(report, name, engine, tables[engine.key], meant[engine.key], summary)
    report.table(
        "All sets in short (structured: e-mail, phone, SSN, card, IBAN, IP, MAC)",
        ["set", "engine", "structured caught", "names caught", "precision", "F2", "F2 meant"],
        summary,
    )
    report.say(
        "F2 over characters of all gold is what the targets are about. 'Meant' asks recall only of what the policy means to "
        "redact (no times, organisations, titles ...): it explains the other, and is no target."
    )
    secrets(report, data, who)


def f2_of_meant(annotated: Annotated, found: Sequence[Sequence[Span]], everything: Counts) -> float | None:
    """F2 over characters when only what is meant to be redacted must be found; what is right does not change."""
    wanted = [[span for span in gold if span[2] in MEANT] for gold in annotated.gold]
    return f2(everything.precision, count(annotated.texts, wanted, found)[ALL].recall)


def keep(
    report: Report, name: str, engine: Engine, table: dict[str, Counts], meant: float | None, summary: list[list[str]]
) -> None:
    """Figures of one engine on one set, and its line of the summary."""
    caught = sum(table[type_].caught_spans for type_ in STRUCTURED if type_ in table)
    total = sum(table[type_].gold_spans for type_ in STRUCTURED if type_ in table)
    everything, names = table[ALL], table.get("PERSON", Counts())
    figures = {type_: figures_of(counts) for type_, counts in table.items()}
    figures["structured"] = {"span_recall": caught / total if total else None, "gold_spans": total}
    figures["meant"] = {"f2": meant}
    report.figures.setdefault("sets", {}).setdefault(name, {})[engine.key] = figures
    is_only_names = name.startswith("wnut")  # its other types are no personal data
    summary.append(
        [
            name,
            engine.label,
            of(caught, total) if total else "-",
            of(names.caught_spans, names.gold_spans) if names.gold_spans else "-",
            two(names.span_precision),
            "-" if is_only_names else two(everything.f2),
            "-" if is_only_names else two(meant),
        ]
    )


def figures_of(counts: Counts) -> dict[str, float | int | None]:
    """All figures of a type."""
    names = ("gold_spans", "found_spans", "span_recall", "span_precision", "span_f2", "recall", "precision", "f2")
    return {name: getattr(counts, name) for name in names}


def _print_set(report: Report, name: str, who: Sequence[Engine], tables: dict[str, dict[str, Counts]]) -> None:
    kinds = {type_: tables["ours"][type_].gold_spans for type_ in tables["ours"] if tables["ours"][type_].gold_spans}
    head = ["type", "gold", *(engine.label for engine in who)]
    for what, parts in (
        ("spans: precision recall F2", ("span_precision", "span_recall", "span_f2")),
        ("characters: precision recall F2", ("precision", "recall", "f2")),
    ):
        lines = [
            [type_, f"{kinds[type_]:,}", *(_cell(tables[engine.key].get(type_, Counts()), parts) for engine in who)]
            for type_ in sorted(kinds, key=lambda type_: (type_ == ALL, -kinds[type_]))
        ]
        report.table(f"{name}, {what}", head, lines)
    extra = {
        engine.label: {t: c.found_spans for t, c in tables[engine.key].items() if t not in kinds and c.found_spans}
        for engine in who
        if engine.key in ("ours", "presidio")
    }
    for label, found in extra.items():
        report.say(f"{label} also found: " + (", ".join(f"{type_} {n:,}" for type_, n in sorted(found.items())) or "nothing"))


def _cell(counts: Counts, parts: Iterable[str]) -> str:
    return " ".join(f"{two(getattr(counts, part)):>4}" for part in parts)


def _examples(report: Report, name: str, annotated: Annotated, found: Sequence[Sequence[Span]]) -> None:
    if not report.shows_misses:
        return
    missed: dict[str, list[str]] = {}
    false: dict[str, list[str]] = {}
    for text, gold, got in zip(annotated.texts, annotated.gold, found, strict=True):
        covered, by_gold = mask(len(text), got), mask(len(text), gold)
        for span in gold:
            if not is_caught(text, covered, span[0], span[1]) and (span[2] == "person" or not name.startswith("wnut")):
                missed.setdefault(group(span[2]), []).append(shown(text, span))
        for span in got:
            if not any(by_gold[span[0] : span[1]]):
                false.setdefault(group(span[2]), []).append(shown(text, span))
    report.examples(f"{name}: missed, of {sum(map(len, missed.values())):,}", pick(missed))
    report.examples(f"{name}: false alarms, of {sum(map(len, false.values())):,}", pick(false))


def pick(by_type: dict[str, list[str]]) -> list[str]:
    """Twenty examples, the types in turn: what an engine is meant to find first, and the shortest context first."""
    order = sorted(by_type, key=lambda type_: (type_ not in STRUCTURED, type_ not in ("PERSON", "SECRET"), type_))
    spread = (_spread(by_type[type_]) for type_ in order)
    return [line for lines in zip_longest(*spread) for line in lines if line is not None][:EXAMPLES]


def _spread(lines: list[str]) -> Iterator[str]:
    """Distinct lines from all over the list."""
    distinct = list(dict.fromkeys(lines))
    step = max(1, len(distinct) // EXAMPLES)
    yield from distinct[::step]


def secrets(report: Report, data: Path, who: Sequence[Engine]) -> None:
    """Test strings of a secret scanner: caught where they are secrets, flagged where they are not."""
    progress("secrets")
    good, bad = load(data, "secrets_positive"), load(data, "secrets_negative")
    lines: list[list[str]] = []
    flagged = {"positive": ours.secrets(good.texts), "negative": ours.secrets(bad.texts)}
    for engine in who:
        find = ours.finder("off", is_prose=False) if engine.key == "ours_no_names" else engine.find
        found = find(good.texts)
        caught = sum(
            is_caught(text, mask(len(text), got), gold[0][0], gold[0][1])
            for text, gold, got in zip(good.texts, good.gold, found, strict=True)
            if gold
        )
        anything = sum(map(bool, find(bad.texts)))
        kind = {"caught": caught / len(good.texts), "negatives_with_any_finding": anything / len(bad.texts)}
        by_rule = ["-", "-"]
        if engine.key.startswith("ours"):
            kind |= {"positives_flagged": _share(flagged["positive"]), "negatives_flagged": _share(flagged["negative"])}
            by_rule = [two(kind["positives_flagged"]), two(kind["negatives_flagged"])]
        report.figures.setdefault("secrets", {})[engine.key] = kind
        lines.append([engine.label, two(kind["caught"]), *by_rule, two(kind["negatives_with_any_finding"])])
    report.table(
        f"Secrets: {len(good.texts)} that are, {len(bad.texts)} that are not",
        ["engine", "secret covered", "flagged by a secret rule", "harmless flagged by one", "harmless with any finding"],
        lines,
    )
    report.say(
        "Covered: 90 % of what is annotated, which is the scanner's whole match, often with the name before the secret; flagged "
        "is what the target is about."
    )
    for title, texts, hits, wanted in (
        ("secrets: not flagged", good.texts, flagged["positive"], True),
        ("harmless strings flagged", bad.texts, flagged["negative"], False),
    ):
        report.examples(title, [repr(t)[:92] for t, hit in zip(texts, hits, strict=True) if hit != wanted][:EXAMPLES])


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)
