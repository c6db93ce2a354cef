"""From labels and scores in the tables to certificates: which count, what revokes them, models that judge again, the command."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from goldworks.calibration import certifying, standards
from goldworks.calibration.certifying import certify_all, states
from goldworks.calibration.rejudging import rejudging
from goldworks.evaluation.scorers.protocol import Score
from goldworks.evaluation.suites import Scoring, load_suite
from goldworks.lake import Lake
from goldworks.review.rubric import load_rubrics
from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
USE_CASE, VERSION, RUN = "harbor-docs", "harbor-docs-0123456789ab", "r" * 24
OF = "rag/lexical_support"
RUBRIC = load_rubrics(PROJECT_ROOT / "expectations")["docs"]


@pytest.fixture
def expectations(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT_ROOT / "expectations", tmp_path / "expectations")
    return tmp_path / "expectations"


@pytest.fixture
def lake(tmp_path: Path, expectations: Path) -> Lake:
    """900 answers whose lexical support follows what two reviewers say, in nineteen of twenty."""
    lake = Lake(tmp_path / "home")
    suite = load_suite(expectations / "suites" / "rag.yml")
    digest = suite.scorer_digests["lexical_support"]
    run = {
        "run_id": RUN, "config_digest": "c", "config": "{}", "occasion": "again:0", "use_case": USE_CASE, "version_id": VERSION,
        "suite": "rag", "target": "recorded", "target_kind": "recorded", "seed": 1, "repeats": 1, "cases": 900, "answers": 900,
        "missing": 0, "status": "complete", "started_at": NOW, "ended_at": NOW,
    }  # fmt: skip
    lake.upsert("evals.runs", [run])
    answers, scores, labels = [], [], []
    for n in range(900):
        failed, follows = n % 3 == 0, n % 20 != 1
        value = (0.2 if failed == follows else 0.8) + (n % 7) / 100
        trace = f"trace{n}"
        key = {"run_id": RUN, "case_id": f"case{n}", "repeat": 0}
        answers.append({**key, "status": "ok", "text": "x", "attempts": 1, "trace_id": trace, "conversation_id": f"conv{n}"})
        scores.append({**key, "metric": "lexical_support", "value": value, "scorer_digest": digest})
        raters = ("ann", "bea") if n % 2 else ("ann",)
        labels += [label(trace, f"conv{n}", rater, failed) for rater in raters]
    lake.replace("evals.answers", answers, {"run_id": RUN})
    lake.replace("evals.scores", scores, {"run_id": RUN})
    lake.upsert("review.labels", labels)
    return lake


def label(item: str, conversation: str, rater: str, failed: bool, **other: object) -> dict[str, object]:
    value = "Not fully attributable" if failed else "Fully attributable"
    return {
        "item_id": item, "item_kind": "turn", "conversation_id": conversation, "trace_id": item, "use_case": USE_CASE,
        "segment": "web", "rater": rater, "dimension": "attribution", "value": value, "is_pass": not failed,
        "created_at": NOW - dt.timedelta(days=3), "rubric": "docs", "rubric_version": RUBRIC.version, "label_kind": "human",
        "role": "first", "came_as": "jsonl", "file_digest": "d", "imported_at": NOW, **other,
    }  # fmt: skip


def test_a_metric_that_people_confirm_gets_its_certificate(lake: Lake, expectations: Path):
    rows = {f"{row['suite']}/{row['metric']}": row for row in certify_all(lake, expectations, NOW)}
    row = rows[OF]
    assert (row["state"], row["missing"], row["unsure"]) == ("valid", [], 0)
    assert row["labels"] + row["chosen_on"] == 900
    assert row["hits"] + row["misses"] == row["positives"]
    assert 0.25 < row["fails_up_to"] < 0.8
    assert json.loads(row["segments"])["web"]["n"] == row["labels"]
    refusal = rows["rag/refusal"]
    assert refusal["state"] == "too_few_labels"
    assert not any("half of the labels" in line for line in refusal["missing"])
    assert states(lake, expectations, USE_CASE, NOW)[OF] == "valid"
    certify_all(lake, expectations, NOW)
    assert len(lake.rows("review.certificates")) == 2


def test_each_policy_is_read_once(lake: Lake, expectations: Path, monkeypatch: pytest.MonkeyPatch):
    asked: Counter[str] = Counter()
    for name in [one for one in vars(standards) if one.startswith("load_") or one == "standing"]:
        load = getattr(standards, name)

        def counted(*args: object, name: str = name, load: Callable[..., object] = load) -> object:
            asked[name] += 1
            return load(*args)

        monkeypatch.setattr(standards, name, counted)
    assert len(certify_all(lake, expectations, NOW)) == 2
    assert len(asked) == 7
    assert set(asked.values()) == {1}


def test_time_and_changes_end_it(lake: Lake, expectations: Path):
    certify_all(lake, expectations, NOW)
    assert states(lake, expectations, USE_CASE, NOW + dt.timedelta(days=86))[OF] == "valid"
    assert states(lake, expectations, USE_CASE, NOW + dt.timedelta(days=87))[OF] == "expired"
    rubric = expectations / "rubrics" / "docs.yml"
    was = rubric.read_text(encoding="utf-8")
    rubric.write_text(was.replace("In short:", "In brief:").replace("Judge one answer", "Judge each answer"), encoding="utf-8")
    assert states(lake, expectations, USE_CASE, NOW)[OF] == "revoked"
    rubric.write_text(was, encoding="utf-8")
    assert states(lake, expectations, USE_CASE, NOW)[OF] == "valid"
    suite = expectations / "suites" / "rag.yml"
    changed = "    scorer: lexical_support\n    applies_to: {tiers: [T1, T2, T3]}\n"
    suite.write_text(suite.read_text().replace("    scorer: lexical_support\n", changed, 1))
    assert states(lake, expectations, USE_CASE, NOW)[OF] == "revoked"
    [again, _] = certify_all(lake, expectations, NOW)
    assert again["state"] == "too_few_labels", "scores of another scorer say nothing of this one"


def test_a_disagreement_is_unsure_until_somebody_decides(lake: Lake, expectations: Path):
    against = [label(f"trace{n}", f"conv{n}", "bea", n % 3 != 0) for n in range(0, 900, 2)]
    lake.upsert("review.labels", against)
    row = certify_all(lake, expectations, NOW)[0]
    assert row["unsure"] > 50
    assert any("unsure" in line for line in row["missing"])
    assert any("agreement of the raters" in line for line in row["missing"])
    lake.upsert(
        "review.labels", [{**one, "rater": "cem", "role": "adjudication", "is_pass": not one["is_pass"]} for one in against]
    )
    assert certify_all(lake, expectations, NOW)[0]["unsure"] == 0


def test_models_and_anchors_are_no_people(lake: Lake, expectations: Path):
    lake.upsert("review.labels", [{**row, "label_kind": "judge_model"} for row in lake.rows("review.labels")])
    assert certify_all(lake, expectations, NOW) == []
    assert states(lake, expectations, USE_CASE, NOW) == {}


def test_a_judge_is_asked_again_about_what_it_judged(lake: Lake, expectations: Path, monkeypatch: pytest.MonkeyPatch):
    """A program stands in for the judge: stored verdicts that it would not give again are what inconsistency is."""
    case = {
        "version_id": VERSION, "use_case": USE_CASE, "tier": "T2", "origin": "authored", "tags": [], "tools": "[]", "parents": [],
        "messages": json.dumps([{"role": "user", "text": "When do you open?"}]), "expected": "{}", "case_digest": "d",
        "passages": json.dumps([{"id": "p", "text": "We open at nine."}]),
    }  # fmt: skip
    lake.replace("golden.cases", [{**case, "case_id": f"case{n}"} for n in range(8)], {"version_id": VERSION})
    version = {"version_id": VERSION, "use_case": USE_CASE, "content_digest": "d", "cases": 8, "approvers": [], "owner": "o"}
    lake.upsert("golden.versions", [{**version, "minted_at": NOW, "current_at": NOW, "is_tombstone": False}])
    answers = [{**row, "text": "We open at nine."} for row in lake.rows("evals.answers")]
    lake.replace("evals.answers", answers, {"run_id": RUN})
    suite = load_suite(expectations / "suites" / "rag.yml")
    scores = lake.rows("evals.scores")
    lake.replace("evals.scores", [{**row, "value": 0.9 if row["case_id"] != "case3" else 0.1} for row in scores], {"run_id": RUN})
    items = [*(f"trace{n}" for n in range(7)), f"{RUN}/case7/0", "unknown", "trace500"]
    assert rejudging(lake, 50)(suite, "lexical_support", items) == pytest.approx(7 / 8)
    assert rejudging(lake, 50)(suite, "lexical_support", ["unknown"]) is None

    scored = Scoring.scores

    def hardly(self: Scoring, pairs):
        first, *others = scored(self, pairs)
        return [first, *({name: Score(None, "scorer_error") for name in one} for one in others)]

    monkeypatch.setattr(Scoring, "scores", hardly)
    assert rejudging(lake, 50)(suite, "lexical_support", items) is None, "one verdict that came, of eight, is no share"


def test_the_certificate_of_a_model_ends_with_what_it_last_judged_again(
    lake: Lake, expectations: Path, monkeypatch: pytest.MonkeyPatch
):
    """Who serves a model may change it: without a fresh look at its anchors no gate counts it."""
    monkeypatch.setattr(certifying, "judged", lambda suite: {"lexical_support"})

    def certified(days: int, rejudge: certifying.Rejudge | None = None) -> tuple[str, str, object]:
        now = NOW + dt.timedelta(days=days)
        row = next(row for row in certify_all(lake, expectations, now, rejudge=rejudge) if row["metric"] == "lexical_support")
        return certifying.state_at(row, now), " ".join(row["missing"]), row["rejudged_at"]

    state, missing, _ = certified(0)
    assert (state, "anchors were not judged again" in missing) == ("not_usable", True)
    assert certified(1, lambda *_: 1.0) == ("valid", "", NOW + dt.timedelta(days=1))
    assert certified(2) == ("valid", "", NOW + dt.timedelta(days=1)), "it keeps what was measured"
    assert states(lake, expectations, USE_CASE, NOW + dt.timedelta(days=7))[OF] == "valid"
    assert states(lake, expectations, USE_CASE, NOW + dt.timedelta(days=8))[OF] == "expired"
    state, missing, _ = certified(9)
    assert (state, "goldworks calibrate --rejudge" in missing) == ("expired", True)
    assert certified(6, lambda *_: None) == ("valid", "", NOW + dt.timedelta(days=1)), "asked in vain"
    assert certified(9, lambda *_: 0.9)[0] == "not_usable"


def test_what_a_model_agreed_with_on_an_unknown_day_is_measured_anew(
    lake: Lake, expectations: Path, monkeypatch: pytest.MonkeyPatch
):
    """Earlier releases did not note when a model judged again; such a share must not hold for ever."""
    monkeypatch.setattr(certifying, "judged", lambda suite: {"lexical_support"})
    made = certify_all(lake, expectations, NOW, rejudge=lambda *_: 1.0)
    lake.upsert("review.certificates", [{**row, "rejudged_at": None} for row in made])
    row = next(row for row in certify_all(lake, expectations, NOW) if row["metric"] == "lexical_support")
    assert (row["state"], row["self_consistency"]) == ("not_usable", None)
    assert "anchors were not judged again" in " ".join(row["missing"])


def test_the_command_says_what_is_missing(
    lake: Lake, expectations: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for name, value in {"HOME": lake.home, "EXPECTATIONS": expectations, "NAMES": "off"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", str(value))
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", "--use-case", USE_CASE])
    assert ended.value.code in (0, None)
    out = capsys.readouterr().out
    assert "rag/lexical_support of harbor-docs may gate until" in out
    assert "100 more labels: 0 of 100" in out


def test_labels_of_answers_without_a_score_are_counted_aloud(lake: Lake, expectations: Path):
    """Reviewers who labelled hundreds of answers must learn why so few of them count."""
    scores = [row for row in lake.rows("evals.scores") if row["case_id"] in {f"case{n}" for n in range(40)}]
    lake.replace("evals.scores", scores, {"run_id": RUN})
    row = next(row for row in certify_all(lake, expectations, NOW) if row["metric"] == "lexical_support")
    assert row["state"] == "too_few_labels"
    assert row["labels_missing"] >= 160
    assert any(line.startswith("860 other labelled answers have no score of rag/lexical_support") for line in row["missing"])
    assert any(line.startswith("half of the labels choose where lexical_support is cut") for line in row["missing"])
