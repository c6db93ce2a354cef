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
NOT_SCANNED = "NOT_SCANNED"
"""Type of a hit over the whole of a text that the scanner could not scan: open until somebody has read it."""


class Accepted(Policy):
    """Findings that are no personal data. Leaving out `types` or `digest` means any; `places` is a glob.

    A text that could not be scanned is accepted only where `types` names `NOT_SCANNED`.
    """

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
        """Hits in each text; one of type `NOT_SCANNED` where it could not be scanned, never none."""
        ...


class Scanned(msgspec.Struct, frozen=True):
    """What the scan came to. `open` are the findings that nobody accepted, the most frequent first.

    `not_scanned` of the texts could not be scanned; each is a finding of that type, whose digest is that of the text.
    """

    texts: int
    hits: int
    accepted: int
    open: tuple[Finding, ...]
    not_scanned: int = 0


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
    texts = accepted = hits = not_scanned = 0
    found: Counter[tuple[str, str, str]] = Counter()
    scores: dict[tuple[str, str, str], float] = {}
    for place, some in published:
        shown = [TOKEN.sub(lambda token: " " * len(token[0]), text) for text in some]
        texts += len(shown)
        for text, answers in zip(shown, scanner.scan(shown), strict=True):
            for hit in answers:
                if hit.type == NOT_SCANNED:
                    not_scanned += 1
                elif hit.type not in policy.types or hit.score < policy.score:
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
    opened = tuple(Finding(*key, count, scores[key]) for key, count in ordered)
    return Scanned(texts, hits, accepted, opened, not_scanned)


def _is_accepted(finding: Finding, policy: SecondScannerPolicy, today: dt.date) -> bool:
    return any(
        fnmatchcase(finding.place, one.places)
        and (finding.type in one.types or (not one.types and finding.type != NOT_SCANNED))
        and one.digest in (None, finding.digest)
        and (one.until is None or today <= one.until)
        for one in policy.accepted
    )
