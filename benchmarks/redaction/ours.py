"""Our engine as the benchmark sees it: texts in, spans of the original text out, found by comparing it with the redacted one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path

from benchmarks.redaction.metrics import Span
from goldworks.redaction import Document, Field, NamesSetting, RedactedDocument, Redactor, load_redactor
from goldworks.redaction.tokens import TOKEN
from goldworks.sealing import unseal

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"
POLICY = EXPECTATIONS / "policies" / "redaction.yml"
KEY = b"\x03" * 32
VAULT_KEY = b"\x05" * 32
BATCH = 500
WITHHELD = "WITHHELD"
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
    """Spans of `text` that tokens of `redacted` stand for. What stands between tokens is as it was; where it stands more
    than once, the place is taken that leaves the token its value (`values`, by token), else the first."""
    if redacted == text:
        return []
    found = _aligned(text, redacted, values)
    if found is None:
        found = _aligned(text, redacted, {})
    if found is None:
        raise ValueError("the redacted text does not come from this text")
    return found


def _aligned(text: str, redacted: str, values: dict[str, str]) -> list[Span] | None:
    tokens = list(TOKEN.finditer(redacted))
    found: list[Span] = []
    at = tokens[0].start() if tokens else 0
    for token, following in zip_longest(tokens, tokens[1:]):
        between = redacted[token.end() : following.start() if following else len(redacted)]
        whole = at + len(values.get(token[0], ""))
        if following is None:
            end = len(text) - len(between)
        elif whole > at and text.startswith(between, whole):
            end = whole
        else:
            end = text.find(between, at + 1)
        if end <= at or not text.startswith(between, end):
            return None
        if token[0] != text[at:end]:  # a token that stood in the text already is no finding
            found.append((at, end, token[1] or WITHHELD))
        at = end + len(between)
    return found
