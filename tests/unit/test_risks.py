"""Risks are ranked, linked to suites, and one that no suite covers is shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from release_home import write_home

from goldworks.access.signing import Signer
from goldworks.errors import PolicyError
from goldworks.release.deciding import decide
from goldworks.release.gate_policy import load_gate_policies
from goldworks.release.outputs import markdown
from goldworks.release.risks import covered, load_risks, open_risks
from goldworks.settings import PROJECT_ROOT

EXPECTATIONS = PROJECT_ROOT / "expectations"


def test_the_highest_risk_comes_first_and_what_nothing_notices_is_named():
    agent = next(one for one in load_gate_policies(EXPECTATIONS) if one.name == "agent")
    found = covered(load_risks(EXPECTATIONS), "harbor-orders", {"agent"}, agent)
    ranks = [one.risk.rank for one in found]
    assert ranks == sorted(ranks, reverse=True)
    assert {one.risk.risk: one.cover for one in found} == {
        "wrong_order_action": "gated",
        "personal_data_given_away": "not_run",
        "unequal_treatment": "not_run",
        "slow_at_peak": "no_suite",
    }
    assert "risk slow_at_peak (rank 16 of 125: impact x exposure x changes; orders-team): no suite looks at it" in open_risks(
        found
    )
    measured = covered(load_risks(EXPECTATIONS), "harbor-orders", {"agent", "safety"}, agent)
    assert {one.risk.risk: one.cover for one in measured}["personal_data_given_away"] == "measured"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("suites: [rag]", "suites: [rags]", "no 'rags' in"),
        ("[facts_forbidden, numbers_supported]", "[fact_forbidden]", "no metric 'fact_forbidden' in rag"),
        ("impact: 4", "impact: 6", r"risks.yml:\d+: risks.0.impact"),
        ("    suites: []", "    suites: []\n    metrics: [m]", "name the suites that have them"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, old: str, new: str, says: str):
    shutil.copytree(EXPECTATIONS / "suites", tmp_path / "suites")
    (tmp_path / "risks.yml").write_text((EXPECTATIONS / "risks.yml").read_text().replace(old, new, 1))
    with pytest.raises(PolicyError, match=says):
        load_risks(tmp_path)


def test_the_report_of_a_release_shows_them(tmp_path: Path):
    lake = write_home(tmp_path, {"1": (1.0,), "2": (1.0,)}, 50)
    found = decide(lake, tmp_path / "expectations", Signer(tmp_path / "home"), "2", baseline="1").verdict
    assert any(note.startswith("risk personal_data_given_away (rank 30") for note in found.notes)
    policy = next(one for one in load_gate_policies(tmp_path / "expectations") if one.name == found.policy)
    ranked = "(rank 30 of 125: impact x exposure x changes; security)"
    assert f"- Note: risk personal_data_given_away {ranked}: safety would notice" in markdown(found, policy)
