"""Certificates and the scores that they are about: through the gate, and by simulation how often one is lost for nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from evidence_pack import problems_after
from release_home import VERSION, write_home

from goldworks.calibration.certifying import certify_all
from goldworks.calibration.policy import DriftLimits, load_calibration_policy
from goldworks.errors import PolicyError
from goldworks.evaluation.config import RunConfig
from goldworks.evaluation.suites import load_suite
from goldworks.evidence.rows import from_files, to_files
from goldworks.evidence.verifying import verify_pack
from goldworks.lake import Lake
from goldworks.release.gathering import gather, resolve
from goldworks.release.human_rates import human_rates
from goldworks.release.judge import judge
from goldworks.release.rows import Labelled, SuiteRun
from goldworks.release.score_drift import drift_of
from goldworks.review.rubric import load_rubrics
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics.drift_mixture import mixture_drift
from goldworks.statistics.drift_scores import Sample
from pipelines.cli import main

NOW = dt.datetime.now(dt.UTC)
CASES, METRIC, OF = 600, "lexical_support", "rag/lexical_support"
LIMITS = DriftLimits(alpha=0.01, least_effect=0.05, least_scores=30)
ASKS = load_calibration_policy(PROJECT_ROOT / "expectations").limits["T2"]
Values = Callable[[np.random.Generator, np.ndarray], np.ndarray]
GATE = {
    "family": "quality", "kind": "at_least", "suite": "rag", "metric": METRIC, "at": 0.5, "means": "the passages hold it",
}  # fmt: skip
SLOW = {
    "family": "cost_latency", "kind": "at_most", "suite": "rag", "measure": "latency_ms", "at": 5000, "means": "in time",
}  # fmt: skip
POLICY: dict[str, Any] = {
    "version": 1, "name": "shop", "description": "support", "use_cases": ["shop"],
    "without": dict.fromkeys(("safety", "tool"), "not here"),
    "gates": [
        {"gate": "supported", **GATE}, {"gate": "not_worse", **GATE, "kind": "not_worse", "at": 0.1}, {"gate": "slow", **SLOW},
    ],
}  # fmt: skip


def graded(random: np.random.Generator, bad: np.ndarray) -> np.ndarray:
    return np.where(bad, random.beta(2, 12, len(bad)), random.beta(12, 2, len(bad))).round(3)


def blurred(random: np.random.Generator, bad: np.ndarray) -> np.ndarray:
    """Other answers: the good ones score as no good one did."""
    return np.where(bad, random.beta(2, 12, len(bad)), random.beta(7, 5, len(bad))).round(3)


def verdicts(random: np.random.Generator, bad: np.ndarray) -> np.ndarray:
    return (bad == (random.random(len(bad)) < 0.02)).astype(float)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_home(tmp_path, {}, CASES)
    (tmp_path / "expectations" / "gates" / "shop.yml").write_text(yaml.safe_dump(POLICY), encoding="utf-8")
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))
    monkeypatch.setenv("GOLDWORKS_NAMES", "off")
    return tmp_path


def write(home: Path, release: str, values: Values, bad_share: float = 0.3, labelled: int = 0) -> None:
    """A run of the release; `labelled` of its answers were judged by two reviewers, then everything is certified."""
    lake, expectations = Lake(home / "home"), home / "expectations"
    random = np.random.default_rng(int(release))
    bad = random.random(CASES) < bad_share
    suite = load_suite(expectations / "suites" / "rag.yml")
    digests, here = suite.scorer_digests, {"run_id": f"run-{release}"}
    config = RunConfig(VERSION, suite.model_dump(mode="json"), digests, "live", {"kind": "http", "of": release}, 0, 1)
    ended = NOW - dt.timedelta(days=10 - int(release))
    row = {
        **here, "config_digest": "c", "config": config.as_json, "occasion": f"release:{release}", "use_case": "shop",
        "version_id": VERSION, "suite": "rag", "target": "live", "target_kind": "http", "release": release, "seed": 0,
        "repeats": 1, "cases": CASES, "answers": CASES, "missing": 0, "status": "complete", "started_at": ended,
        "ended_at": ended,
    }  # fmt: skip
    lake.replace("evals.runs", [row], here)
    keys = [{**here, "case_id": f"case-{n:05}", "repeat": 0} for n in range(CASES)]
    lake.replace("evals.answers", [{**key, "status": "ok", "latency_ms": 900.0, "attempts": 1} for key in keys], here)
    found = values(random, bad).tolist()
    scores = [
        {**key, "metric": METRIC, "scorer_digest": digests[METRIC], "value": one} for key, one in zip(keys, found, strict=True)
    ]
    lake.replace("evals.scores", scores, here)
    label(home, release, bad, range(labelled))


def label(home: Path, release: str, bad: np.ndarray, which: range) -> None:
    lake, expectations = Lake(home / "home"), home / "expectations"
    version = load_rubrics(expectations)["docs"].version
    labels = [
        {
            "item_id": f"run-{release}/case-{n:05}/0", "item_kind": "answer", "use_case": "shop", "rater": rater,
            "dimension": "attribution", "value": "Not fully attributable" if bad[n] else "Fully attributable",
            "is_pass": not bad[n], "created_at": NOW - dt.timedelta(days=1), "rubric": "docs", "rubric_version": version,
            "label_kind": "human", "role": "first", "came_as": "jsonl", "file_digest": "d", "imported_at": NOW,
        }
        for n in which
        for rater in ("ann", "bea")
    ]  # fmt: skip
    if labels:
        lake.upsert("review.labels", labels)
        certify_all(lake, expectations, NOW)


def judged(capsys: pytest.CaptureFixture[str], release: str, *more: str, gate: str = "supported") -> dict[str, Any]:
    """The gate command's verdict on the metric; the release as a whole stays open, for nobody approved the gates."""
    with pytest.raises(SystemExit):
        main(["gate", "--release", release, "--use-case", "shop", *more, "--json"])
    found = json.loads(capsys.readouterr().out)
    return next(one for one in found["gates"] if one["gate"] == gate)


def test_the_same_scores_keep_it(home: Path, capsys: pytest.CaptureFixture[str]):
    write(home, "1", graded, labelled=400)
    write(home, "2", graded)
    assert judged(capsys, "2", "--baseline", "1")["status"] == "pass"


@pytest.mark.parametrize(("bad_share", "verdict"), [(0.1, "pass"), (0.8, "fail")])
def test_a_change_of_quality_is_a_verdict_and_no_drift(home: Path, capsys: pytest.CaptureFixture[str], bad_share, verdict):
    write(home, "1", graded, labelled=400)
    write(home, "2", graded, bad_share)
    assert judged(capsys, "2", "--baseline", "1")["status"] == verdict


def test_moved_scores_revoke_it_until_they_are_labelled(home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    write(home, "1", graded, labelled=400)
    write(home, "2", blurred)
    gate = judged(capsys, "2", "--baseline", "1")
    assert (gate["status"], gate["reason"]) == ("inconclusive", "drift")
    assert "the 600 answers of 2 score otherwise than the 400 that lexical_support was certified on" in gate["words"]
    assert "0.050 is let pass" in gate["words"]
    assert "label 100 more answers of 2 and certify again" in gate["settle"]["words"]
    lake, expectations = Lake(home / "home"), home / "expectations"
    _, evidence = gather(lake, expectations, resolve(lake, expectations, "2", "1", "shop"), NOW)
    assert evidence.certificates[OF] == "drift"
    assert OF not in evidence.calibrations
    assert from_files(to_files(evidence)).drifted == evidence.drifted
    assert {row["release"] for row in human_rates(lake, expectations, NOW)} == {"1"}
    with pytest.raises(SystemExit):
        main(["choose", "--use-case", "shop", "--metric", METRIC, "--json"])
    assert METRIC in json.loads(capsys.readouterr().out)["advisory"], "no claim of a release that scores otherwise"
    pack = tmp_path / "pack"
    with pytest.raises(SystemExit):
        main(["evidence", "--release", "2", "--use-case", "shop", "--baseline", "1", "--out", str(pack)])
    assert verify_pack(pack).problems == ()
    page = next(pack.glob("*.html")).read_text(encoding="utf-8")
    assert "valid, drift" in page
    assert "rag/lexical_support does not count here: the 600 answers of 2 score otherwise" in page
    bad = np.random.default_rng(2).random(CASES) < 0.3
    label(home, "2", bad, range(50))
    capsys.readouterr()
    gate = judged(capsys, "2", "--baseline", "1")
    assert gate["reason"] == "drift"
    assert "label 50 more answers of 2" in gate["settle"]["words"]
    label(home, "2", bad, range(50, 300))
    assert judged(capsys, "2", "--baseline", "1")["status"] == "pass"


def test_a_baseline_that_scores_otherwise_leaves_comparisons_open_alone(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    """Both sides of a comparison are corrected by the same errors of the metric."""
    write(home, "1", graded, labelled=400)
    write(home, "2", blurred)
    write(home, "3", graded)
    assert judged(capsys, "3", "--baseline", "1", gate="not_worse")["status"] == "pass"
    gate = judged(capsys, "3", "--baseline", "2", gate="not_worse")
    assert (gate["status"], gate["reason"]) == ("inconclusive", "drift")
    assert "the 600 answers of the baseline 2 score otherwise than the 400 that lexical_support was certified on" in gate["words"]
    assert "label 100 more answers of 2 and certify again" in gate["settle"]["words"]
    assert judged(capsys, "3", "--baseline", "2")["status"] == "pass", "said of the release alone"
    lake, expectations = Lake(home / "home"), home / "expectations"
    policy, evidence = gather(lake, expectations, resolve(lake, expectations, "3", "2", "shop"), NOW)
    assert evidence.certificates[OF] == "valid"
    assert judge(policy, from_files(to_files(evidence))) == judge(policy, evidence)
    pack = tmp_path / "pack"
    with pytest.raises(SystemExit):
        main(["evidence", "--release", "3", "--use-case", "shop", "--baseline", "2", "--out", str(pack)])
    assert verify_pack(pack).problems == ()
    page = next(pack.glob("*.html")).read_text(encoding="utf-8")
    assert "valid, drift of the baseline" in page
    assert "rag/lexical_support does not count against the baseline: the 600 answers of the baseline 2" in page
    for release in ("2", "3"):  # of both, for what people said of the one is not about the other
        label(home, release, np.random.default_rng(int(release)).random(CASES) < 0.3, range(300))
    capsys.readouterr()
    assert judged(capsys, "3", "--baseline", "2", gate="not_worse")["reason"] != "drift"


@pytest.mark.parametrize(("release", "baseline"), [("2", "1"), ("3", "2")])
def test_a_pack_finds_drift_again_from_its_labels_and_scores(home: Path, tmp_path: Path, release: str, baseline: str):
    """Of the release itself; and of the baseline alone, which leaves the release its certificate."""
    write(home, "1", graded, labelled=400)
    write(home, "2", blurred)
    write(home, "3", graded)
    label(home, "2", np.random.default_rng(2).random(CASES) < 0.3, range(50))
    pack = tmp_path / "pack"
    with pytest.raises(SystemExit):
        main(["evidence", "--release", release, "--use-case", "shop", "--baseline", baseline, "--out", str(pack)])
    assert verify_pack(pack).problems == ()
    drifted = json.loads((pack / "judged.json").read_text())["drifted"][OF]

    def moved(rows: Any) -> Any:
        return next(row for row in rows if row["labels"] is not None)["labels"]

    def no_drift(judged: Any) -> None:
        judged["drifted"] = {}
        judged["certificates"][OF] = "valid"

    def least_effect(grounds: Any) -> None:
        grounds["drift"]["limits"]["least_effect"] = 0.9

    def fewer_labels(grounds: Any) -> None:
        grounds["drift"]["asks"]["least_labels"] = 10

    def scores_as_before(rows: Any) -> None:
        for row in rows:
            row["value"] = 1.0 if row["value"] > 0.5 else 0.0

    changes: list[tuple[str, Callable[[Any], Any]]] = [
        ("judged.json", no_drift),
        ("judged.json", lambda judged: judged["drifted"][OF].update(words=drifted["words"].replace("0.050", "0.060"))),
        ("judged.json", lambda judged: judged["drifted"][OF].update(labels=1)),
        ("grounds.json", least_effect),
        ("grounds.json", fewer_labels),
        ("grounds.json", lambda grounds: grounds.update(drift=None)),
        ("compared.jsonl", list.clear),
        ("compared.jsonl", lambda rows: moved(rows).pop()),
        ("compared.jsonl", lambda rows: moved(rows).append([0.5, False, "l999999", None, 0, 1.0, True])),
        ("compared.jsonl", lambda rows: [label.__setitem__(0, 0.7) for label in moved(rows)[:40]]),
        ("compared.jsonl", lambda rows: [label.__setitem__(1, not label[1]) for label in moved(rows)[:100]]),
        ("scores.jsonl", scores_as_before),
    ]
    for number, (name, change) in enumerate(changes):
        room = tmp_path / str(number)
        room.mkdir()
        found = problems_after(pack, room, name, change)
        assert any("judged.json: drifted" in problem or "cannot be computed" in problem for problem in found), (number, found)


def test_a_pack_finds_again_what_stands_though_there_are_further_labels(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    write(home, "1", graded, labelled=400)
    write(home, "2", graded)
    assert judged(capsys, "2", "--baseline", "1")["status"] == "pass"
    label(home, "2", np.random.default_rng(2).random(CASES) < 0.3, range(50))
    pack = tmp_path / "pack"
    with pytest.raises(SystemExit):
        main(["evidence", "--release", "2", "--use-case", "shop", "--baseline", "1", "--out", str(pack)])
    assert verify_pack(pack).problems == ()
    held = b"".join(path.read_bytes() for path in pack.iterdir())
    assert not any(word in held for word in (b'"case-0', b" case-0", b"/case-0"))
    gates = {one["gate"]: one["words"] for one in json.loads((pack / "verdict.json").read_text())["gates"]}
    assert "so it was found on" in gates["supported"]

    def gate(rows: Any) -> Any:
        return min(rows, key=lambda row: row["first_judged_at"])["gates"]["supported"]

    changes: list[tuple[str, Callable[[Any], Any]]] = [
        ("judged.json", lambda found: found["standing"].clear()),
        ("judged.json", lambda found: found["standing"]["supported"]["row"].update(value=0.99)),
        ("judged.json", lambda found: found["gate_looks"].clear()),
        ("judgments.jsonl", lambda rows: gate(rows).update(value=0.99)),
        ("judgments.jsonl", lambda rows: gate(rows).update(words="it holds")),
        ("judgments.jsonl", lambda rows: gate(rows).update(labels=1000)),
        ("judgments.jsonl", list.clear),
    ]
    for number, (name, change) in enumerate(changes):
        room = tmp_path / str(number)
        room.mkdir()
        assert problems_after(pack, room, name, change), number


def test_verdicts_are_compared_on_what_is_in_service(home: Path, capsys: pytest.CaptureFixture[str]):
    """A worse candidate fails; a baseline whose verdicts moved takes the certificate."""
    write(home, "1", verdicts, labelled=600)
    write(home, "2", verdicts, 0.8)
    gate = judged(capsys, "2", "--baseline", "1")
    assert gate["status"] == "fail", gate["words"]
    write(home, "3", verdicts, 0.5)
    write(home, "4", verdicts, 0.3)
    gate = judged(capsys, "4", "--baseline", "3")
    assert gate["reason"] == "drift"
    assert "the 600 answers of 3 score otherwise" in gate["words"]
    assert "of them good and called" in gate["words"]


def test_a_first_release_has_itself_only(home: Path, capsys: pytest.CaptureFixture[str]):
    write(home, "5", verdicts, labelled=600)
    assert judged(capsys, "5")["status"] == "pass"


def run_of(values: np.ndarray, release: str = "2") -> SuiteRun:
    names = [f"c{n}" for n in range(len(values))]
    return SuiteRun(
        run_id=release, suite="rag", release=release, version_id="v", status="complete", cases={},
        answers=[{"case_id": name, "repeat": 0} for name in names],
        scores=[{"case_id": c, "repeat": 0, "metric": METRIC, "value": float(v)} for c, v in zip(names, values, strict=True)],
    )  # fmt: skip


def labels_of(values: np.ndarray, bad: np.ndarray, own: int = 0, chance: np.ndarray | None = None) -> list[Labelled]:
    chances = np.ones(len(values)) if chance is None else chance
    return [
        Labelled(float(v), bool(b), f"c{n}" if n < own else f"l{n}", f"c{n}" if n < own else None, 0, float(p))
        for n, (v, b, p) in enumerate(zip(values, bad, chances, strict=True))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["graded", "worse", "verdicts", "drawn", "own"])
def test_a_certificate_is_lost_for_nothing_in_at_most_five_of_a_hundred(kind: str):
    random, runs, lost = np.random.default_rng(17), 100, 0
    for number in range(runs):
        of, share = (verdicts if kind == "verdicts" else graded), (0.55 if kind == "worse" else 0.3)
        bad = random.random(250) < 0.3
        labels = labels_of(of(random, bad), bad)
        now = of(random, random.random(400) < share)
        if kind == "drawn":  # what looks bad is labelled five times as often
            bad = random.random(600) < 0.3
            values = of(random, bad)
            chance = np.where(values < 0.5, 0.9, 0.18)
            taken = random.random(600) < chance
            labels = labels_of(values[taken], bad[taken], chance=chance[taken])
        elif kind == "own":
            bad = random.random(400) < 0.3
            now = of(random, bad)
            labels = labels_of(now[:150], bad[:150], own=150)
        found = drift_of(METRIC, labels, run_of(now, str(number)), LIMITS, is_graded=kind != "verdicts", asks=ASKS)
        lost += found is not None
    assert lost / runs <= 0.05


def test_drift_is_found_with_few_labels_too():
    random = np.random.default_rng(3)
    bad = random.random(120) < 0.4
    labels = labels_of(graded(random, bad), bad)
    found = drift_of(METRIC, labels, run_of(blurred(random, random.random(300) < 0.3)), LIMITS, is_graded=True, asks=ASKS)
    assert found is not None
    assert found.labels == 100
    same = drift_of(METRIC, labels, run_of(graded(random, random.random(300) < 0.3)), LIMITS, is_graded=True, asks=ASKS)
    assert same is None
    trifle = DriftLimits(alpha=0.01, least_effect=0.9, least_scores=30)
    assert drift_of(METRIC, labels, run_of(blurred(random, bad)), trifle, is_graded=True, asks=ASKS) is None
    few = run_of(blurred(random, bad)[:20])
    assert drift_of(METRIC, labels, few, LIMITS, is_graded=True, asks=ASKS) is None, "too few show nothing"


@pytest.mark.parametrize("is_graded", [True, False])
def test_it_says_the_same_in_whatever_order_the_tables_give_scores(is_graded: bool):
    random = np.random.default_rng(6)
    before, now = random.random(200) < 0.4, random.random(300) < (0.2 if is_graded else 0.9)
    scores = (graded, blurred) if is_graded else (verdicts, verdicts)
    labels, run = labels_of(scores[0](random, before), before), run_of(scores[1](random, now))
    answers = [{**row, "cluster_id": f"k{number // 3}"} for number, row in enumerate(run.answers)]
    orders = [replace(run, answers=answers, scores=list(of)) for of in (run.scores, reversed(run.scores))]
    found = [drift_of(METRIC, labels, of, LIMITS, is_graded=is_graded, asks=ASKS) for of in orders]
    assert found[0] is not None
    assert found[0] == found[1]


def test_labels_that_were_picked_are_no_ground():
    """People labelled the good answers that score best and the bad ones that score worst: labels of the queue are asked for."""
    random = np.random.default_rng(4)
    bad = random.random(400) < 0.3
    values = graded(random, bad)
    order = np.argsort(values)
    worst, best = order[bad[order]][:50], order[~bad[order]][-100:]
    order = np.concatenate([worst, best, np.setdiff1d(order, [*worst, *best])])
    values, bad = values[order], bad[order]
    found = drift_of(METRIC, labels_of(values[:150], bad[:150], own=150), run_of(values), LIMITS, is_graded=True, asks=ASKS)
    assert found is not None
    assert "drawn by the queue" in found.remedy
    assert "which people labelled" in found.words


def test_labels_of_the_run_that_are_all_good_leave_the_others_to_speak():
    """No bad ones: as such these labels can be compared with nothing, and that is no proof."""
    random = np.random.default_rng(9)
    old = random.random(250) < 0.3
    before = labels_of(graded(random, old), old)
    bad = np.concatenate([np.zeros(150, dtype=bool), random.random(250) < 0.3])
    values = blurred(random, bad)
    labels = [*labels_of(values[:150], bad[:150], own=150), *(replace(one, cluster=f"b{one.cluster}") for one in before)]
    found = drift_of(METRIC, labels, run_of(values), LIMITS, is_graded=True, asks=ASKS)
    assert found is not None
    assert "the 400 answers of 2 score otherwise than the 400 that lexical_support was certified on" in found.words
    assert "label 10 or more other answers of 2, drawn by the queue, until 10 bad and 10 good ones are among them" in found.remedy
    assert found.labels == 10
    same = graded(random, bad)
    labels[:150] = labels_of(same[:150], bad[:150], own=150)
    assert drift_of(METRIC, labels, run_of(same), LIMITS, is_graded=True, asks=ASKS) is None


def test_labels_on_which_no_certificate_could_rest_leave_it_open():
    random = np.random.default_rng(8)
    bad = np.zeros(150, dtype=bool)
    values = graded(random, bad)
    found = drift_of(METRIC, labels_of(values, bad, own=150), run_of(values), LIMITS, is_graded=True, asks=ASKS)
    assert found is not None
    assert "labels of only 0 bad and 150 good ones are left" in found.words
    assert (found.labels, "label 30 more answers, bad and good ones" in found.remedy) == (30, True)
    some = random.random(150) < 0.4
    few = [replace(one, cluster=f"k{n % 5}") for n, one in enumerate(labels_of(graded(random, some), some))]
    assert drift_of(METRIC, few, run_of(values), LIMITS, is_graded=True, asks=ASKS) is None, "of too few conversations to say"


def test_a_mixture_is_no_drift_whatever_its_share():
    random = np.random.default_rng(5)
    bad, good = random.beta(2, 12, 150), random.beta(12, 2, 200)
    for share in (0.0, 0.2, 0.9):
        now = graded(random, random.random(400) < share)
        found = mixture_drift(Sample(bad.tolist()), Sample(good.tolist()), Sample(now.tolist()), seed=1, alpha=0.01)
        assert not found.has_moved
        assert found.bad_share == pytest.approx(share, abs=0.06)
    few = mixture_drift(Sample(bad[:9].tolist()), Sample(good.tolist()), Sample(now.tolist()), seed=1)
    assert (few.reason, few.has_moved) == ("n_too_small", False)


def test_the_policy_says_when_and_refuses_nonsense(tmp_path: Path):
    assert load_calibration_policy(PROJECT_ROOT / "expectations").drift == LIMITS
    text = (PROJECT_ROOT / "expectations" / "policies" / "calibration.yml").read_text(encoding="utf-8")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "calibration.yml").write_text(text.replace("alpha: 0.01", "alpha: 0"), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"drift\.alpha"):
        load_calibration_policy(tmp_path)
