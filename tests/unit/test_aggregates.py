"""Aggregates by value, and in a run: estimates, page, comparison, digest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from sklearn.metrics import f1_score

from goldworks.adapters.tracking import metric_values
from goldworks.evaluation.aggregates import AGGREGATES
from goldworks.evaluation.aggregates.protocol import Aggregated, Scored
from goldworks.evaluation.compare import compare
from goldworks.evaluation.report import in_words, summary_page
from goldworks.evaluation.run import run
from goldworks.evaluation.scorers.labels import Decision, detail_of
from goldworks.evaluation.suites import Suite
from goldworks.evaluation.targets import load_target
from goldworks.lake import Lake
from goldworks.redaction import RedactedDocument, RedactedField
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics import rate

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
LABELS = ["refund", "order", "other"]


def decided(*pairs: tuple[str, str | None], clusters: list[str] | None = None) -> list[Scored]:
    names = clusters or [f"c{number}" for number in range(len(pairs))]
    return [
        Scored(f"case{number}", 0, names[number], float(expected == said), None, detail_of(Decision(expected, said)), None)
        for number, (expected, said) in enumerate(pairs)
    ]


def valued(*cases: list[float | None]) -> list[Scored]:
    return [
        Scored(f"case{number}", repeat, f"c{number}", value, None if value is not None else "missing_answer", None, None)
        for number, values in enumerate(cases)
        for repeat, value in enumerate(values)
    ]


def over(name: str, scores: list[Scored], **settings: object) -> Aggregated:
    kind = AGGREGATES[name]
    return kind(kind.Settings.model_validate(settings)).over(scores, confidence=0.95, seed=1)


def test_macro_f1_equals_scikit_learn_and_its_matrix_counts():
    said = [
        ("a", "a"),
        ("a", "b"),
        ("a", "a"),
        ("b", "b"),
        ("b", "z"),
        ("c", None),
        ("c", "c"),
        ("b", "a"),
        ("a", "a"),
        ("c", "a"),
    ]
    found = over("macro_f1", decided(*said))
    truth, answers = [e for e, _ in said], [s or "none" for _, s in said]
    wanted = f1_score(truth, answers, labels=["a", "b", "c"], average="macro", zero_division=0)
    assert found.estimate.value == pytest.approx(wanted)
    assert found.estimate.low is not None
    assert found.estimate.high is not None
    assert 0 < found.estimate.low < wanted < found.estimate.high < 1
    assert found.detail is not None
    assert found.detail.columns == ("expected", "a", "b", "c", "z", "(no label)", "precision", "recall", "F1")
    assert found.detail.rows[0] == ("a", "3", "1", "0", "0", "0", "0.600", "0.750", "0.667")
    assert found.detail.rows[2] == ("c", "1", "0", "1", "0", "1", "1.000", "0.333", "0.500")
    assert over("macro_f1", decided(*said)) == found  # the same seed, the same digits


def test_macro_f1_at_its_edges():
    assert over("macro_f1", []).estimate.reason == "n_zero"
    right = over("macro_f1", decided(*[("a", "a"), ("b", "b")] * 20)).estimate
    assert (right.value, right.high, right.method) == (1.0, 1.0, "wilson_at_value")
    assert right.low == pytest.approx(0.912, abs=1e-3)
    one = over("macro_f1", decided(("a", "a"), ("a", "b"), ("a", "a"))).estimate
    assert (one.value, one.note) == (pytest.approx(0.8), "only one class is expected; only 3 clusters")
    alone = over("macro_f1", decided(("a", "a"), ("b", "a"), clusters=["x", "x"])).estimate
    assert (alone.value, alone.low, alone.reason) == (pytest.approx(1 / 3), None, "n_too_small")
    missing = [*decided(("a", "a"), ("b", "b")), Scored("case9", 0, "c9", None, "missing_answer", None, None)]
    assert over("macro_f1", missing).estimate.n_missing == 1
    no_label = over("macro_f1", decided(("a", None), ("b", None))).estimate
    assert no_label.value == 0.0


def test_share_of_cases_asks_all_most_or_any_repeat():
    cases = [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, None, 1.0]]
    got = {repeats: over("share_of_cases", valued(*cases), repeats=repeats).estimate for repeats in ("all", "most", "any")}
    assert {name: e.value for name, e in got.items()} == {"all": 0.25, "most": 0.5, "any": 0.75}
    assert {(e.n, e.n_missing) for e in got.values()} == {(4, 1)}
    assert got["all"].low == rate([1, 0, 0, 0]).low
    assert over("share_of_cases", valued([0.5], [0.7]), at_least=0.6).estimate.value == 0.5
    assert over("share_of_cases", []).estimate.reason == "n_zero"
    not_asked = Scored("case9", 0, "c9", None, "not_applicable", None, None)
    assert over("share_of_cases", [*valued([1.0]), not_asked]).estimate.n == 1


class AsItIs:
    def redact(self, documents):
        return [
            RedactedDocument(d.conversation_id, tuple(RedactedField(f.owner, f.name, f.value, ()) for f in d.fields))
            for d in documents
        ]


MODULE = """
def good(question):
    return question.messages[-1]["text"]

def poor(question):
    return "refund" if question.case_id < "case06" else "I cannot say."
"""


def suite(**aggregate: object) -> Suite:
    labels = {"metric": "accuracy", "scorer": "label", "kpi": "k", "settings": {"labels": LABELS}}
    macro = {"metric": "label_macro_f1", "aggregate": "macro_f1", "of": "accuracy", "kpi": "classes alike", **aggregate}
    return Suite.model_validate({"version": 1, "name": "s", "description": "d", "metrics": [labels], "aggregates": [macro]})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "home")
    row = {
        "version_id": "v-1",
        "use_case": "shop",
        "tier": "T2",
        "intent": None,
        "origin": "authored",
        "tags": [],
        "passages": b"[]",
        "tools": b"[]",
        "parents": [],
        "conversation_id": None,
        "trace_id": None,
        "release": None,
        "source": None,
        "line": None,
        "case_digest": "d",
    }
    texts = [LABELS[number % 3] for number in range(12)]
    rows = [
        {
            **row,
            "case_id": f"case{number:02}",
            "messages": orjson.dumps([{"role": "user", "text": text}]).decode(),
            "passages": "[]",
            "tools": "[]",
            "expected": orjson.dumps({"label": text}).decode(),
        }
        for number, text in enumerate(texts)
    ]
    lake.replace("golden.cases", rows, {"version_id": "v-1"})
    version = {
        "version_id": "v-1",
        "use_case": "shop",
        "content_digest": "v-1",
        "parent_version_id": None,
        "cases": 12,
        "approvers": ["a"],
        "owner": "o",
        "minted_at": NOW,
        "current_at": NOW,
        "is_tombstone": False,
    }
    lake.upsert("golden.versions", [version])
    return lake


def made(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, of: Suite):
    (tmp_path / "label_targets.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / f"{function}.yml"
    path.write_text(f"kind: callable\nfunction: label_targets:{function}\n")
    return run(lake, "v-1", of, load_target(path), occasion="again:1", redactor=AsItIs())


def test_an_aggregate_stands_with_the_estimates_of_its_run(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    good, poor = (made(lake, tmp_path, monkeypatch, name, suite()) for name in ("good", "poor"))
    assert list(good.estimates) == ["accuracy", "label_macro_f1"]
    assert good.estimates["label_macro_f1"].value == 1.0
    assert poor.estimates["accuracy"].value == pytest.approx(2 / 12)
    assert poor.estimates["label_macro_f1"].value == pytest.approx((2 * 2 / (4 + 6)) / 3)
    page = summary_page(lake, poor, PROJECT_ROOT / "expectations")
    assert "classes alike" in page
    assert "confusion matrix" in page
    assert "(no label)" in page
    assert metric_values(poor)["label_macro_f1"] == poor.estimates["label_macro_f1"].value
    found = {one.metric: one for one in compare(lake, good.run_id, poor.run_id).metrics}
    assert found["label_macro_f1"].is_paired
    difference = found["label_macro_f1"].difference
    assert difference.value == pytest.approx(0.4 / 3 - 1)
    assert (difference.method, difference.n, difference.n_clusters) == ("paired_jackknife_t", 12, 12)
    assert difference.high is not None
    assert difference.high < 0


def test_an_aggregate_is_part_of_the_configuration_but_asks_nothing_anew():
    plain = suite().model_copy(update={"aggregates": ()})
    assert "aggregates" not in plain.model_dump(mode="json")
    assert suite().scorer_digests["accuracy"] == plain.scorer_digests["accuracy"]
    other = suite(aggregate="share_of_cases", settings={"repeats": "any"})
    assert suite().scorer_digests["label_macro_f1"] != other.scorer_digests["label_macro_f1"]


def test_an_aggregate_whose_code_is_gone_or_other_says_so(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from goldworks.evaluation.result import load_result

    result = made(lake, tmp_path, monkeypatch, "good", suite())
    monkeypatch.setattr("goldworks.evaluation.aggregating.aggregate_digest", lambda *_: "other")
    assert "other code" in (load_result(lake, result.run_id).estimates["label_macro_f1"].note or "")
    monkeypatch.delitem(AGGREGATES, "macro_f1")
    gone = load_result(lake, result.run_id).estimates["label_macro_f1"]
    assert (gone.value, gone.reason, in_words(gone)) == (None, "no_aggregate", "no value: the aggregate's code is not here")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"of": "absent"}, "no metric 'absent'; one of accuracy"),
        ({"aggregate": "mean_f1"}, "no aggregate 'mean_f1'"),
        ({"settings": {"k": 1}}, r"settings\.k: Extra inputs"),
        ({"metric": "accuracy"}, "metric named twice: accuracy"),
        ({"aggregate": "os.path:join"}, "is no aggregate"),
    ],
)
def test_what_cannot_be_an_aggregate_is_refused_with_the_suite(changes: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        suite(**changes)
