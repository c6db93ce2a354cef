"""Proposing generated cases as candidates: written and redacted like any case that people write, and approved by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

    A text that redaction takes for personal data would make an attack that cannot succeed, and a pair of which it changes one
    side would differ in more than it should: what it would change is left out and counted. Another seed makes others. The golden
    cases themselves are redacted already, so it is never their words that are at fault.
    """
    redacted = redact_cases(lake, cases, {}, redactor)
    spoiled = {
        case.case_id
        for case, (after, reason) in zip(cases, redacted, strict=True)
        if reason is not None or (case.messages, case.passages) != (after.messages, after.passages)
    }
    lost = {case.expected.pair.id for case in cases if case.case_id in spoiled and case.expected.pair is not None}
    spoiled |= {case.case_id for case in cases if case.expected.pair is not None and case.expected.pair.id in lost}
    kept = tuple(case for case in cases if case.case_id not in spoiled)
    imported = import_cases(lake, export_cases(kept, "yaml"), "yaml", use_cases, key, redactor, author)
    return Proposed(kept, tuple(case for case in cases if case.case_id in spoiled), imported)
