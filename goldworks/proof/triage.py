"""What a second scanner found, held against what people have looked at and accepted (`policies/second_scanner.yml`)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol

import msgspec
from pydantic import Field

from goldworks.policies import Policy, load_policy
from goldworks.redaction.tokens import TOKEN

FILE = "second_scanner.yml"


class Accepted(Policy):
    """Findings that are no personal data. Leaving out `types` or `digest` means any; `places` is a glob."""

    places: str = Field(min_length=1)
    types: tuple[str, ...] = ()
    digest: str | None = Field(default=None, pattern=r"^[0-9a-f]{12}$")
    because: str = Field(min_length=10)
    until: dt.date | None = None


class SecondScannerPolicy(Policy):
    """See the comments of the file."""

    version: int = Field(ge=1)
    score: float = Field(ge=0, le=1)
    types: tuple[str, ...] = Field(min_length=1)
    accepted: tuple[Accepted, ...] = ()


class Hit(msgspec.Struct, frozen=True):
    """Something recognised in a text: code points, kind and score."""

    start: int
    end: int
    type: str
    score: float


class Finding(msgspec.Struct, frozen=True):
    """The hits of one value in one place: never the value, but a keyed digest by which it can be accepted."""

    place: str
    type: str
    digest: str
    count: int
    score: float


class Scanner(Protocol):
    """A scanner of somebody else."""

    def scan(self, texts: Sequence[str]) -> list[list[Hit]]:
        """Hits in each text."""
        ...


class Scanned(msgspec.Struct, frozen=True):
    """What the scan came to. `open` are the findings that nobody accepted, the most frequent first."""

    texts: int
    hits: int
    accepted: int
    open: tuple[Finding, ...]


def load_second_scanner_policy(expectations: Path) -> SecondScannerPolicy:
    """The triage policy. Raises `PolicyError`."""
    return load_policy(expectations / "policies" / FILE, SecondScannerPolicy)


def scan(
    published: Iterable[tuple[str, Sequence[str]]],
    scanner: Scanner,
    policy: SecondScannerPolicy,
    digest_of: Callable[[str], str],
    today: dt.date,
    show: Callable[[Finding, str, Hit], None] | None = None,
) -> Scanned:
    """Scan published texts, given by place, each text of a place once.

    `digest_of` is the keyed digest of a value; `show` is called with each finding that is open and the text that holds it.
    """
    texts = accepted = hits = 0
    found: Counter[tuple[str, str, str]] = Counter()
    scores: dict[tuple[str, str, str], float] = {}
    for place, some in published:
        shown = [TOKEN.sub(lambda token: " " * len(token[0]), text) for text in some]
        texts += len(shown)
        for text, answers in zip(shown, scanner.scan(shown), strict=True):
            for hit in answers:
                if hit.type not in policy.types or hit.score < policy.score:
                    continue
                hits += 1
                finding = Finding(place, hit.type, digest_of(text[hit.start : hit.end]), 1, hit.score)
                if _is_accepted(finding, policy, today):
                    accepted += 1
                    continue
                key = (place, finding.type, finding.digest)
                found[key] += 1
                scores[key] = max(scores.get(key, 0.0), hit.score)
                if show is not None:
                    show(finding, text, hit)
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return Scanned(texts, hits, accepted, tuple(Finding(*key, count, scores[key]) for key, count in ordered))


def _is_accepted(finding: Finding, policy: SecondScannerPolicy, today: dt.date) -> bool:
    return any(
        fnmatchcase(finding.place, one.places)
        and (not one.types or finding.type in one.types)
        and one.digest in (None, finding.digest)
        and (one.until is None or today <= one.until)
        for one in policy.accepted
    )
