"""Published labels: a certificate made on some systems' answers is told apart from what another system answers."""

from __future__ import annotations

import pytest

from benchmarks.calibration import DATA
from benchmarks.drift import comparisons

pytestmark = pytest.mark.skipif(
    not (DATA / "truth").exists(), reason="the development data is not here: published answers are not compared"
)


def test_another_system_is_told_from_another_quality():
    found = {one.used_on: one for one in comparisons(DATA)}
    others = {name: one for name, one in found.items() if one.certified_on in ("the other three", "BEGIN")}
    halves = [one for one in found.values() if one.certified_on.startswith("half")]
    assert len(halves) == 4
    assert not any(one.beyond_quality.has_moved or one.plain.has_moved for one in halves)
    assert all(one.plain.has_moved for name, one in others.items() if name != "MTRAG"), "their quality differs"
    assert not others["ctrl"].beyond_quality.has_moved, "nearly all good, and good answers score as good ones did"
    assert others["gpt2"].beyond_quality.has_moved
    assert others["MTRAG"].beyond_quality.has_moved, "the certificate of one kind of answers is none of the other"
