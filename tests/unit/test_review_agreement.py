"""Agreement of reviewers: by dimension, pair and segment; what may be used; reviewers against known items; published figures."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson
import pytest
from review_lake import EXPECTATIONS, RATERS, USE_CASES, expectations, lake_of

from goldworks.lake import Lake
from goldworks.review.agreeing import agree
from goldworks.review.anchors import load_anchors
from goldworks.review.competence import competence
from goldworks.review.importing import take_labels
from goldworks.review.label_files import Given, LabelFile
from goldworks.review.policy import load_review_policy
from goldworks.review.queue import fill
from goldworks.review.rubric import load_rubric
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics import rate
from goldworks.statistics.agreement import krippendorff_alpha
from goldworks.statistics.kappa import cohen_kappa

TRUTH = PROJECT_ROOT.parent / "shared" / "data" / "truth"
needs_truth = pytest.mark.skipif(
    not TRUTH.exists(), reason="the development data is not here: published agreement is not reproduced"
)


def give(lake: Lake, folder: Path, choices: dict[str, dict[int, str]], dimension: str = "completeness") -> None:
    """Labels of turn `docs-<number>-t` by rater, from another tool."""
    labels = [
        Given(n, f"docs-{n}-t", rater, dimension, value, "2026-11-18T10:00:00Z", "docs", "1", "human")
        for rater, of in choices.items()
        for n, value in of.items()
    ]
    assert take_labels(lake, folder, LabelFile("jsonl", "d", tuple(labels))).refused == {}


def test_low_agreement_is_named_with_its_remedy(tmp_path: Path) -> None:
    lake, folder = lake_of(tmp_path / "home", 60), expectations(tmp_path / "e")
    same = {n: "1234"[n % 4] for n in range(60)}
    give(lake, folder, {"ann": same, "bob": {n: value for n, value in same.items() if n < 50}})
    other = {n: "1432"[(n // 2) % 4] for n in range(60)}
    give(lake, folder, {"ann": same, "bob": other}, "appropriateness")
    give(lake, folder, {"ann": dict.fromkeys(range(30), "Generic"), "bob": dict.fromkeys(range(30), "Generic")}, "attribution")
    rows = {(row["dimension"], row["scope"], row["of"]): row for row in agree(lake, folder)}
    good, bad = rows["completeness", "all", ""], rows["appropriateness", "all", ""]
    assert (good["alpha"], good["status"], good["units"], good["single"]) == (1.0, "strong", 50, 10)
    assert good["fail_rate"] == pytest.approx(0.5, abs=0.03)
    assert bad["alpha_low"] < 0.67
    assert (bad["status"], bad["kappa"] is not None) == ("not_usable", True)
    assert "sharpen the rubric" in bad["remedy"]
    assert rows["attribution", "all", ""]["reason"] == "no_variation"
    assert (rows["attribution", "all", ""]["status"], rows["attribution", "all", ""]["percent"]) == ("undecided", 1.0)
    assert rows["completeness", "pair", "ann | bob"]["kappa"] == 1.0
    again = agree(lake, folder)
    assert len(lake.rows("review.agreement")) == len(again) == len(rows)


def test_a_good_agreement_on_too_few_items_is_undecided_and_no_reference(tmp_path: Path) -> None:
    lake, folder = lake_of(tmp_path / "home", 60), expectations(tmp_path / "e", rules={"random": 1.0}, budget_per_day=1000)
    fill(lake, folder, USE_CASES)
    same = {n: "14"[n % 2] for n in range(24)}
    give(lake, folder, {"ann": same, "bob": same | {1: "1", 2: "4"}})
    row = next(row for row in agree(lake, folder) if row["scope"] == "all")
    assert row["alpha_low"] < 0.67 <= row["alpha"]
    assert row["status"] == "undecided"
    assert "label more of the same items twice" in row["remedy"]


def test_few_units_decide_nothing_and_segments_stand_apart(tmp_path: Path) -> None:
    lake, folder = lake_of(tmp_path / "home", 60), expectations(tmp_path / "e", rules={"random": 1.0}, budget_per_day=1000)
    fill(lake, folder, USE_CASES)
    give(lake, folder, {name: {n: "14"[n % 2] for n in (1, 2, 3, 40, 41)} for name in ("ann", "bob")})
    rows = {(row["scope"], row["of"]): row for row in agree(lake, folder)}
    assert rows["all", ""]["status"] == "undecided"
    assert "overlap.share" in rows["all", ""]["remedy"]
    assert {of for scope, of in rows if scope == "segment"} == {"r1", "r2"}
    assert (rows["segment", "r1"]["units"], rows["segment", "r2"]["units"]) == (3, 2)


def test_reviewers_are_held_against_anchors(tmp_path: Path) -> None:
    lake, folder = lake_of(tmp_path / "home", 4), expectations(tmp_path / "e", raters=RATERS)
    fill(lake, folder, USE_CASES)
    rubric, policy = load_rubric(folder, "docs"), load_review_policy(folder)
    anchors = load_anchors(folder, rubric)
    tasks = {task["item_id"]: task["task_id"] for task in lake.rows("review.tasks") if task["kind"] == "anchor"}
    assert tasks.keys() == anchors.keys()

    def label(rater: str, number: int, flip: int) -> None:
        found: list[Given] = []
        for at, (item, anchor) in enumerate(list(anchors.items())[:number]):
            for name, value in anchor.expected.items():
                scale = rubric.by_name[name]
                wrong = next(one for one in scale.values if scale.is_pass(one) != scale.is_pass(value))
                said = wrong if flip and at % flip == 0 else value
                found.append(Given(at, tasks[item], rater, name, said, "", "docs", "1", "human"))
        assert take_labels(lake, folder, LabelFile("json", rater, tuple(found), is_filled=True)).refused == {}

    label("ann", 24, 0)
    label("bob", 24, 3)
    label("cem", 5, 0)
    found = {one.rater: one for one in competence(lake, folder, policy)}
    assert (found["ann"].is_qualified, found["ann"].items, found["ann"].accuracy.value) == (True, 24, 1.0)
    assert (found["ann"].accuracy.low or 0) >= 0.8
    assert not found["bob"].is_qualified
    assert "accuracy" in found["bob"].wanting
    assert found["cem"].wanting == "15 more known items"
    assert agree(lake, folder) == [], "anchors say nothing of agreement"


def read(name: str) -> list[dict[str, Any]]:
    with gzip.open(TRUTH / name) as file:
        return [orjson.loads(line) for line in file]


@needs_truth
def test_published_kappas_of_the_annotators_of_pandalm() -> None:
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for row in read("pairwise_labels.jsonl.gz"):
        if row["source_dataset"] == "pandalm" and row["label_kind"] == "human":
            said[row["item_id"]][row["rater"]] = row["value"]
    assert len(said) == 999
    kappas = [
        cohen_kappa([one[a] for one in said.values()], [one[b] for one in said.values()], ["1", "2", "tie"]).value or 0
        for a, b in itertools.combinations(("annotator1", "annotator2", "annotator3"), 2)
    ]
    assert [round(kappa, 2) for kappa in sorted(kappas)] == [0.85, 0.86, 0.88]


@needs_truth
def test_alpha_of_faithfulness_in_mtrag() -> None:
    """.55 with the interval metric over the four points; with the ordinal one, which our scales take, .47."""
    said: dict[str, dict[str, int]] = defaultdict(dict)
    for row in read("human_labels.jsonl.gz"):
        if row["source_dataset"] == "mtrag" and row["dimension"] == "faithfulness":
            said[row["trace_id"]][row["rater"]] = int(row["value"])
    raters = sorted({rater for of in said.values() for rater in of})
    labels = [[of.get(rater) for rater in raters] for of in said.values()]
    interval = krippendorff_alpha(labels, [1, 2, 3, 4], level="interval")
    assert (interval.value, interval.n) == (pytest.approx(0.550, abs=0.001), 477)
    assert krippendorff_alpha(labels, [1, 2, 3, 4], level="ordinal").value == pytest.approx(0.470, abs=0.001)
    assert (interval.high or 1) < 0.67, "these labels could not certify a judge"


PUBLISHED = {
    ("GPT-4", "Natural"): (93.5, 92.0, 97.0, 0.9390),
    ("GPT-4", "Neighbor"): (64.18, 58.96, 89.55, 0.7906),
    ("GPT-4", "GPTInst"): (76.63, 71.74, 90.22, 0.8040),
    ("GPT-4", "GPTOut"): (76.60, 70.21, 87.23, 0.7418),
    ("GPT-4", "Manual"): (75.0, 69.57, 89.13, 0.7784),
    ("ChatGPT", "Natural"): (79.0, 63.0, 68.0, 0.3881),
    ("ChatGPT", "Neighbor"): (17.91, 4.48, 73.13, 0.4914),
    ("ChatGPT", "GPTInst"): (29.35, 5.43, 52.17, 0.2212),
    ("ChatGPT", "GPTOut"): (43.62, 14.89, 42.55, 0.1032),
    ("ChatGPT", "Manual"): (36.96, 10.87, 47.83, 0.1749),
}
"""LLMBar's `statistics.json` of the judges without rules, by subset: percent right on average of both orders, right in both, the
same in both; and kappa of the two orders."""


@needs_truth
def test_published_statistics_of_the_judges_of_llmbar() -> None:
    truth: dict[str, str] = {}
    said: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in read("pairwise_labels.jsonl.gz"):
        if row["source_dataset"] == "llmbar" and row["label_kind"] == "objective":
            truth[row["item_id"]] = row["value"]
        elif row["source_dataset"] == "llmbar":
            said[row["rater"], row["item_id"].split(":")[1]][row["item_id"]][row["order"]] = row["value"]
    assert said.keys() == PUBLISHED.keys()
    for key, of in said.items():
        right = [(item, verdict == truth[item]) for item, by_order in of.items() for verdict in by_order.values()]
        average = rate([good for _, good in right], [item for item, _ in right])
        both = rate([all(verdict == truth[item] for verdict in by_order.values()) for item, by_order in of.items()])
        same = rate([by_order["12"] == by_order["21"] for by_order in of.values()])
        kappa = cohen_kappa(*([by_order[order] for by_order in of.values()] for order in ("12", "21")), ["1", "2"])
        found = [100 * (one.value or 0) for one in (average, both, same)]
        assert [*found, kappa.value] == [
            *(pytest.approx(value, abs=0.006) for value in PUBLISHED[key][:3]),
            pytest.approx(PUBLISHED[key][3], abs=6e-5),
        ]


@needs_truth
def test_labels_of_the_development_data_are_read_by_the_rubric_of_docs(tmp_path: Path) -> None:
    """BEGIN's attribution and two of MTRAG's dimensions are on our scales; everything else is refused, and the counts add up."""
    from goldworks.review.label_files import given

    rows = [row for row in read("human_labels.jsonl.gz") if row["source_dataset"] in ("begin", "mtrag")]
    some = [
        *[r for r in rows if r["source_dataset"] == "begin"][:100],
        *[r for r in rows if r["source_dataset"] == "mtrag"][-400:],
    ]
    lake = Lake(tmp_path)
    lake.create()
    at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    turns = {row["trace_id"]: row["conversation_id"] for row in some}
    from small_lake import turn

    lake.replace(
        "logs.turns",
        [
            turn("d", n, "2026-11-01", "s", n, trace_id=t, conversation_id=c, ended_at=at)
            for n, (t, c) in enumerate(turns.items())
        ],
        {"arrived_on": "2026-11-01"},
    )
    file = LabelFile("jsonl", "x", tuple(given(n, row) for n, row in enumerate(some, 1)))
    taken = take_labels(lake, EXPECTATIONS, file, rubric="docs", now=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    known = sum(row["dimension"] in ("attribution", "completeness", "appropriateness") for row in some)
    assert taken.taken == known > 100
    assert set(taken.refused) == {"unknown_dimension"}
    assert taken.rows == 500 == taken.taken + taken.refused["unknown_dimension"]
