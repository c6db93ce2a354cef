"""Gates on aggregates: paired with the baseline over the same cases, without those in quarantine, and the same from a pack."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import orjson
import pytest
import yaml
from release_home import ENDED, write_home

from goldworks.evaluation.aggregates import AGGREGATES, aggregate_digest
from goldworks.evidence.names import renamed
from goldworks.evidence.rows import from_files, to_files
from goldworks.lake import Lake
from goldworks.release.gathering import gather, resolve
from goldworks.release.judge import judge
from goldworks.release.rows import Evidence
from goldworks.statistics import paired_difference

WHOLE = {"metric": "facts_always", "aggregate": "share_of_cases", "of": "facts_required", "settings": {}, "kpi": "facts"}
GATE = {"family": "quality", "kind": "not_worse", "suite": "chat", "at": 0.06, "means": "facts"}
CASES = 320


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Both releases fail every tenth case, the second one another in forty; the gates look at an aggregate."""
    base = [float(number % 10 != 0) for number in range(40)]
    candidate = [*base[:1], 0.0, *base[2:]]
    lake = write_home(tmp_path, {"1": base, "2": candidate}, CASES)
    suite_file, gates = tmp_path / "expectations" / "suites" / "chat.yml", tmp_path / "expectations" / "gates" / "chat.yml"
    suite = yaml.safe_load(suite_file.read_text())
    suite_file.write_text(yaml.safe_dump({**suite, "aggregates": [WHOLE]}))
    policy = yaml.safe_load(gates.read_text())
    wholes = [{**GATE, "gate": "always_not_worse", "metric": "facts_always"}]
    policy["gates"] = [*wholes, {**GATE, "gate": "always", "metric": "facts_always", "kind": "at_least"}, *policy["gates"]]
    gates.write_text(yaml.safe_dump(policy))
    for row in lake.rows("evals.runs"):
        config = orjson.loads(row["config"])
        config["suite"]["aggregates"] = [WHOLE]
        config["scorer_digests"]["facts_always"] = aggregate_digest(AGGREGATES["share_of_cases"], {}, "d")
        lake.replace("evals.runs", [{**row, "config": orjson.dumps(config).decode()}], {"run_id": row["run_id"]})
    return lake


def gathered(lake: Lake, root: Path) -> tuple[object, Evidence]:
    expectations = root / "expectations"
    return gather(lake, expectations, resolve(lake, expectations, "2", "1"), ENDED + dt.timedelta(days=1))


def test_an_aggregate_is_gated_by_its_paired_difference(lake: Lake, tmp_path: Path):
    policy, evidence = gathered(lake, tmp_path)
    found = next(gate for gate in judge(policy, evidence).gates if gate.gate == "always_not_worse")
    assert found.estimate is not None
    assert (found.estimate.method, found.estimate.confidence) == ("paired_bootstrap_bca", 0.90)
    assert (found.estimate.value, found.estimate.n) == (pytest.approx(-0.025), CASES)
    base = [float(number % 10 != 0) for number in range(40)] * (CASES // 40)
    candidate = [0.0 if number % 40 == 1 else value for number, value in enumerate(base)]
    tango = paired_difference(base, candidate, confidence=0.90)
    assert (found.estimate.low, found.estimate.high) == pytest.approx((tango.low, tango.high), abs=0.01)
    assert found.status == "pass", "held against each other as if their cases differed, two such rates would leave it open"


def test_a_pack_judges_the_same(lake: Lake, tmp_path: Path):
    policy, evidence = gathered(lake, tmp_path)
    files = to_files(evidence)
    assert judge(policy, from_files(files)) == judge(policy, evidence)
    before = orjson.loads(files["judged.json"])
    del before["differences"]
    old = from_files({**files, "judged.json": orjson.dumps(before)})
    found = next(gate for gate in judge(policy, old).gates if gate.gate == "always_not_worse")
    assert found.estimate is not None
    assert found.estimate.method == "square_and_add", "packs of before say what they said"


def test_parts_that_are_missing_in_one_run_alone_are_a_doubt_also_in_a_pack(lake: Lake, tmp_path: Path):
    """Six of 320 parts: few enough to be missing, too many to be missing by chance."""
    rows = lake.rows("evals.scores", where=[("run_id", "=", "run-2")])
    gone = {f"case-{number:05}" for number in range(6)}
    lost = [{**row, "value": None, "reason": "scorer_error"} if row["case_id"] in gone else row for row in rows]
    lake.replace("evals.scores", lost, {"run_id": "run-2"})
    policy, evidence = gathered(lake, tmp_path)
    found = next(gate for gate in judge(policy, evidence).gates if gate.gate == "always_not_worse")
    assert (found.status, found.reason) == ("inconclusive", "missing_differs")
    assert "0 parts are missing for 1 alone, 6 for 2 alone: no chance" in found.words
    packed = from_files(to_files(renamed(evidence)))
    assert packed.missing_alone == {"chat/facts_always": (0, 6)}
    assert judge(policy, packed) == judge(policy, evidence)


def test_cases_in_quarantine_are_not_counted_in_an_aggregate(lake: Lake, tmp_path: Path):
    dates = {"since": ENDED.date(), "expires": ENDED.date() + dt.timedelta(days=7)}
    held = [{"case_id": f"case-{number:05}", "owner": "o", "reason": "it flips", **dates} for number in (1, 41)]
    file = tmp_path / "expectations" / "policies" / "quarantine.yml"
    file.write_text(yaml.safe_dump({"version": 1, "cases": held}))
    policy, evidence = gathered(lake, tmp_path)
    gates = {gate.gate: gate.estimate for gate in judge(policy, evidence).gates}
    relative, absolute = gates["always_not_worse"], gates["always"]
    assert relative is not None
    assert (relative.n, relative.value) == (CASES - 2, pytest.approx(-(CASES // 40 - 2) / (CASES - 2)))
    assert absolute is not None
    assert absolute.n == CASES - 2
