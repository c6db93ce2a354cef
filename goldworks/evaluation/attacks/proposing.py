"""Proposing attacks as candidates: written and redacted like any case that people write, and approved by a person."""

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
    """What was proposed. `spoiled`: attacks left out because redaction would have taken the canary, or refused the case."""

    cases: tuple[Case, ...]
    spoiled: tuple[Case, ...]
    imported: Imported


def propose_attacks(
    lake: Lake, cases: Sequence[Case], use_cases: UseCases, key: bytes, redactor: Redactor, author: str
) -> Proposed:
    """Add attacks to the candidates, as proposed, or find them there unchanged. `author` is kept with each that is new.

    A canary that redaction takes for personal data would make an attack that cannot succeed: such attacks are left out and
    counted. Another seed makes others.
    """
    redacted = redact_cases(lake, cases, {}, redactor)
    is_whole = [
        reason is None and _canary_count(before) == _canary_count(after, before)
        for before, (after, reason) in zip(cases, redacted, strict=True)
    ]
    kept = tuple(case for case, whole in zip(cases, is_whole, strict=True) if whole)
    spoiled = tuple(case for case, whole in zip(cases, is_whole, strict=True) if not whole)
    imported = import_cases(lake, export_cases(kept, "yaml"), "yaml", use_cases, key, redactor, author)
    return Proposed(kept, spoiled, imported)


def _canary_count(case: Case, made: Case | None = None) -> tuple[int, int]:
    """How often the halves of the canary of `made` (by default of `case` itself) stand in the input."""
    attack = (made or case).expected.attack
    if attack is None or attack.canary is None:
        return 0, 0
    text = msgspec.json.encode([case.messages, case.passages]).decode()
    return text.count(attack.canary[:FIRST]), text.count(attack.canary[FIRST:])
