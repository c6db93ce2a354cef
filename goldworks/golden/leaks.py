"""The leak check: the redactor looks once more at every text of a minted version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from goldworks.golden.case import texts_of
from goldworks.golden.read import read_version
from goldworks.lake import Lake
from goldworks.redaction.records import Leak


class LeakFinder(Protocol):
    """The part of a redactor that the check needs."""

    def find_leaks(self, texts: list[str]) -> Sequence[Leak]:
        """What is still recognised in the texts."""
        ...


class CaseLeak(msgspec.Struct, frozen=True):
    """Personal data that the redactor recognises in a case: where and what kind, never the value."""

    case_id: str
    field: str
    type: str
    rule: str


def leak_check(lake: Lake, version_id: str, redactor: LeakFinder) -> list[CaseLeak]:
    """What the redactor still recognises in the texts of a version; each kind once per field, in the order of the cases."""
    places = [(case.case_id, field, text) for case in read_version(lake, version_id) for field, text in texts_of(case)]
    distinct = list(dict.fromkeys(text for _, _, text in places))
    by_text: dict[str, list[Leak]] = {}
    for leak in redactor.find_leaks(distinct):
        by_text.setdefault(distinct[leak.index], []).append(leak)
    found = [CaseLeak(case_id, field, leak.type, leak.rule) for case_id, field, text in places for leak in by_text.get(text, ())]
    return list(dict.fromkeys(found))
