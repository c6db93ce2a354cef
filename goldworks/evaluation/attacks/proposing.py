"""Proposing generated cases as candidates: written and redacted like any case that people write, and approved by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from goldworks.evaluation.attacks.canaries import FIRST
from goldworks.golden.authoring import Imported, export_cases, import_cases
from goldworks.golden.case import Case
from goldworks.golden.redacting import Redactor, redact_cases
from goldworks.lake import Lake
from goldworks.use_cases import UseCases


@dataclass(frozen=True, slots=True)
class Proposed:
    """What was proposed. `spoiled`: cases left out because redaction would have taken what they are about, or refused them."""

    cases: tuple[Case, ...]
    spoiled: tuple[Case, ...]
    imported: Imported


def propose_cases(
    lake: Lake, cases: Sequence[Case], use_cases: UseCases, key: bytes, redactor: Redactor, author: str
) -> Proposed:
    """Add attacks and pairs to the candidates, as proposed, or find them there unchanged. `author` is kept with each new one.

    A canary that redaction takes for personal data would make an attack that cannot succeed, and a pair of which it changes one
    side would differ in more than it should: these are left out and counted. Another seed makes others.
    """
    redacted = redact_cases(lake, cases, {}, redactor)
    spoiled = {
        case.case_id
        for case, (after, reason) in zip(cases, redacted, strict=True)
        if reason is not None or not _is_whole(case, after)
    }
    lost = {case.expected.pair.id for case in cases if case.case_id in spoiled and case.expected.pair is not None}
    spoiled |= {case.case_id for case in cases if case.expected.pair is not None and case.expected.pair.id in lost}
    kept = tuple(case for case in cases if case.case_id not in spoiled)
    imported = import_cases(lake, export_cases(kept, "yaml"), "yaml", use_cases, key, redactor, author)
    return Proposed(kept, tuple(case for case in cases if case.case_id in spoiled), imported)


def _is_whole(before: Case, after: Case) -> bool:
    """Whether the halves of an attack's canary stand where they stood, and a side of a pair says what it said."""
    if before.expected.pair is not None:
        return before.messages == after.messages
    attack = before.expected.attack
    canary = attack.canary if attack is not None else None
    if canary is None:
        return True
    texts = [msgspec.json.encode([case.messages, case.passages]).decode() for case in (before, after)]
    return all(len({text.count(half) for text in texts}) == 1 for half in (canary[:FIRST], canary[FIRST:]))
