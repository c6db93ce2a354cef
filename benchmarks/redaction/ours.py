"""Our engine as the benchmark sees it: texts in, spans of the original text out, found by comparing it with the redacted one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.redaction.metrics import Span
from goldworks.access.sealing import unseal
from goldworks.redaction import Document, Field, NamesSetting, RedactedDocument, Redactor, load_redactor
from goldworks.redaction.tokens import TOKEN

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"
POLICY = EXPECTATIONS / "policies" / "redaction.yml"
KEY = b"\x03" * 32
VAULT_KEY = b"\x05" * 32
BATCH = 500
WITHHELD = "WITHHELD"
MOST_WAYS = 30
MOST_ENDS = 60
Finder = Callable[[Sequence[str]], list[list[Span]]]


def redactor(names: NamesSetting = "policy", policy: Path = POLICY) -> Redactor:
    """A redactor that hands out what it found, sealed: so that a token's stretch of the original is known exactly."""
    return load_redactor(policy, KEY, names, vault_key=VAULT_KEY)


def fast_redactor(names: NamesSetting = "policy") -> Redactor:
    """A redactor as an installation has it, without a vault: for speed."""
    return load_redactor(POLICY, KEY, names)


def alone(texts: Sequence[str], is_prose: bool = True) -> list[Document]:
    """Each text as a conversation of its own."""
    return [Document(str(at), (Field("m", "user", "text", text, is_prose),)) for at, text in enumerate(texts)]


def redact(engine: Redactor, documents: Sequence[Document]) -> list[RedactedDocument]:
    """Redact in batches, as the intake does."""
    return [done for first in range(0, len(documents), BATCH) for done in engine.redact(documents[first : first + BATCH])]


def finder(names: NamesSetting = "policy", is_prose: bool = True) -> Finder:
    """What is gone from each text, as spans with types. A withheld text is one span."""
    engine = redactor(names)

    def find(texts: Sequence[str]) -> list[list[Span]]:
        return [spans(text, done) for text, done in zip(texts, redact(engine, alone(texts, is_prose)), strict=True)]

    return find


def secrets(texts: Sequence[str]) -> list[bool]:
    """Whether a secret rule found something in each text."""
    done = redact(redactor("off"), alone(texts, is_prose=False))
    return [any(entity.layer == "secret" for entity in one.fields[0].entities) for one in done]


def spans(text: str, done: RedactedDocument, field: int = 0) -> list[Span]:
    """Where the tokens of a redacted text field stand in the original."""
    one = done.fields[field]
    if one.is_withheld:
        return [(0, len(text), WITHHELD)]
    opened = partial(unseal, VAULT_KEY, done.conversation_id)
    return aligned(text, one.value, {one.token: opened(one.token, one.blob) for one in done.sealed})


def aligned(text: str, redacted: str, values: dict[str, str]) -> list[Span]:
    """Spans of `text` that tokens of `redacted` stand for; a token that stood in the text already is none.

    What stands between tokens is as it was. Where it stands more than once, the places are taken that leave the tokens what
    is likest their values (`values`, by token).
    """
    tokens = list(TOKEN.finditer(redacted))
    if redacted == text or not tokens:
        return []
    ways = {tokens[0].start(): _Way(0.0, ())}
    ends = [*(token.start() for token in tokens[1:]), len(redacted)]
    for token, stop in zip(tokens, ends, strict=True):
        after = redacted[token.end() : stop]
        ways = _next_ways(text, ways, token, values.get(token[0]), after, stop == len(redacted))
    if len(text) not in ways:
        raise ValueError("the redacted text does not come from this text")
    found = ways[len(text)].spans
    return [
        (start, end, token[1] or WITHHELD)
        for (start, end), token in zip(found, tokens, strict=True)
        if text[start:end] != token[0]
    ]


class _Way(NamedTuple):
    """One way to put the first tokens in their places: how unlike their values it leaves them, and the places."""

    cost: float
    spans: tuple[tuple[int, int], ...]


def _next_ways(
    text: str, ways: dict[int, _Way], token: re.Match[str], value: str | None, after: str, is_last: bool
) -> dict[int, _Way]:
    """By where the next token begins, the best way to come there."""
    found: dict[int, _Way] = {}
    for at, way in sorted(ways.items(), key=lambda item: item[1].cost)[:MOST_WAYS]:
        for end in _ends(text, at, value, token[0], after, is_last):
            cost = way.cost + _unlikeness(text[at:end], value, token[0])
            best = found.get(end + len(after))
            if best is None or cost < best.cost:
                found[end + len(after)] = _Way(cost, (*way.spans, (at, end)))
    return found


def _ends(text: str, at: int, value: str | None, token: str, after: str, is_last: bool) -> Iterator[int]:
    """Where what begins at `at` may end: before what stands after it."""
    if is_last:
        end = len(text) - len(after)
        if end > at and text.endswith(after):
            yield end
        return
    end = at
    for _ in range(MOST_ENDS):
        end = text.find(after, end + 1)
        if end < 0:
            return
        yield end
    for known in (value, token):  # further away than was looked
        if known and text.startswith(after, at + len(known)):
            yield at + len(known)


def _unlikeness(stretch: str, value: str | None, token: str) -> float:
    if stretch in (value, token):
        return 0.0
    bare, wanted = _bare(stretch), _bare(value or "")
    if bare and bare == wanted:
        return 0.1
    if len(bare) > 1 and wanted and (bare in wanted or wanted in bare):
        return 0.3 + abs(len(bare) - len(wanted)) / 1000
    return 1.0 + len(stretch) / 1000


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text).casefold()))
