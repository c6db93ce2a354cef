"""What people said of the documents assistant's answers decides about its releases: r3 and r4 answered 279 contexts in common."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict

import pytest
from release_rows import evidence, gate, policy_of, suite_run

from goldworks.release.judge import judge
from goldworks.release.rows import SuiteRun
from goldworks.release.verdict import GateVerdict
from goldworks.settings import PROJECT_ROOT

BEGIN = PROJECT_ROOT.parent / "shared" / "data" / "sources" / "begin" / "wow"
RELEASES = {"r1": "gpt2", "r2": "doha", "r3": "t5", "r4": "ctrl"}
MARGIN = 0.03

pytestmark = pytest.mark.skipif(not BEGIN.exists(), reason="the development data is not here: no release of it is decided about")


def runs(base: str, candidate: str) -> tuple[SuiteRun, SuiteRun]:
    """Both releases on the contexts (knowledge and message) that both answered, 1 where people say fully attributable."""
    said: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for part in ("dev", "test"):
        with gzip.open(BEGIN / f"begin_{part}_wow.tsv.gz") as file:
            text = io.StringIO(file.read().decode("utf-8"))
        for row in csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE):
            good = float(row["begin_label"] == "Fully attributable")
            said[row["knowledge"], row["message"]][row["model_name"]] = good
    names = RELEASES[base], RELEASES[candidate]
    both = [(key, of) for key, of in sorted(said.items()) if set(names) <= set(of)]
    clusters = [knowledge for (knowledge, _), _ in both]
    one, two = (
        suite_run({"m": [of[name] for _, of in both]}, release=release, clusters=clusters)
        for release, name in zip((base, candidate), names, strict=True)
    )
    return one, two


def decided(base: SuiteRun, candidate: SuiteRun, margin: float = MARGIN) -> GateVerdict:
    return judge(policy_of(gate("not_worse", at=margin)), evidence(candidate, base)).gates[0]


def test_the_better_release_passes_as_an_improvement_and_its_rollback_fails():
    r3, r4 = runs("r3", "r4")
    assert len(r3.answers) == 279
    forward, back = decided(r3, r4), decided(r4, r3)
    assert (forward.status, forward.tags) == ("pass", ("improvement",))
    assert forward.estimate is not None
    assert forward.estimate.value == pytest.approx((162 - 5) / 279)
    assert back.status == "fail"


def test_between_the_first_two_releases_as_well():
    r1, r2 = runs("r1", "r2")
    assert len(r1.answers) == 283
    assert decided(r1, r2).status == "pass"
    assert decided(r2, r1).status == "fail"


def test_the_same_release_passes_where_so_many_cases_can_show_it_and_is_open_where_they_cannot():
    r3, _ = runs("r3", "r4")
    provable = decided(r3, r3)
    assert provable.status == "pass"
    assert provable.estimate is not None
    assert provable.estimate.low is not None
    reach = -provable.estimate.low
    assert 0 < reach < MARGIN
    assert decided(r3, r3, reach * 1.01).status == "pass"
    assert decided(r3, r3, reach * 0.99).status == "inconclusive"
