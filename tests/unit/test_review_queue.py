"""The review queue: hash sampling by rules, budget and floors; blind overlap; assignment; adjudications; nothing twice."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from review_lake import EXPECTATIONS, RATERS, USE_CASES, expectations, lake_of

from goldworks.errors import PolicyError
from goldworks.lake import Lake
from goldworks.review.drawing import chances, drawn, task_id_of
from goldworks.review.policy import ReviewPolicy, load_review_policy
from goldworks.review.population import Item, population
from goldworks.review.queue import fill
from goldworks.statistics.hash_sampling import scaled_to, uniform


def test_the_hash_is_that_of_the_method() -> None:
    """Worked output 7e."""
    found = [uniform("2026-W47", f"conv-{number:04}") for number in (1, 2, 3)]
    assert found == pytest.approx([0.246699261, 0.529810465, 0.152158922], abs=1e-9)


def test_hash_sampling_draws_the_share_it_says() -> None:
    numbers = [uniform("s", str(number)) for number in range(100_000)]
    assert sum(number < 0.02 for number in numbers) / 1e5 == pytest.approx(0.02, abs=0.0015)
    assert 0 <= min(numbers) < max(numbers) < 1
    assert scaled_to([1.0, 0.5, 0.5], 1.0) == [0.5, 0.25, 0.25]
    assert scaled_to([0.1, 0.2], 5) == [0.1, 0.2]


def test_every_item_has_the_probability_of_its_greatest_rule(tmp_path: Path) -> None:
    lake = lake_of(tmp_path)
    policy = load_review_policy(EXPECTATIONS).model_copy(update={"budget_per_day": 1e6})
    policy = policy.model_copy(update={"floor": policy.floor.model_copy(update={"items": 0})})
    found = {one.item.item_id: one for one in chances(population(lake, USE_CASES, policy, ["docs"]), policy)}
    assert len(found) == 400
    assert found["docs-0-t"].probability == 1.0
    assert found["docs-0-t"].rules == ("random", "thumbs_down")
    assert found["docs-100-t"].probability == 0.02
    assert found["docs-300-t"].rules == ("new_release", "random")
    assert found["docs-300-t"].probability == 0.1
    assert found["docs-300-t"].item.period == "2026-W47"


def test_what_stands_for_people_is_labelled_more(tmp_path: Path) -> None:
    """Only labels of answers that a metric scored certify it: the queue favours them, of the use cases it is paired in."""
    lake = lake_of(tmp_path)
    now = dt.datetime(2026, 11, 17, tzinfo=dt.UTC)
    run = {
        "run_id": "r", "config_digest": "c", "config": '{"suite": {"metrics": []}}', "occasion": "again:0", "use_case": "docs",
        "version_id": "v", "suite": "rag", "target": "recorded", "target_kind": "recorded", "seed": 1, "repeats": 1, "cases": 2,
        "answers": 2, "missing": 0, "status": "complete", "started_at": now, "ended_at": now,
    }  # fmt: skip
    lake.upsert("evals.runs", [run])
    key = {"run_id": "r", "repeat": 0}
    answers = [
        {**key, "case_id": f"c{n}", "status": "ok", "text": "x", "attempts": 1, "trace_id": f"docs-{n}-t"} for n in (100, 101)
    ]
    lake.replace("evals.answers", answers, {"run_id": "r"})
    values = {100: 0.1, 101: None}
    scores = [
        {**key, "case_id": f"c{n}", "metric": "lexical_support", "value": v, "scorer_digest": "d"} for n, v in values.items()
    ]
    lake.replace("evals.scores", scores, {"run_id": "r"})
    policy = load_review_policy(EXPECTATIONS).model_copy(update={"budget_per_day": 1e6})
    of = {"docs": ["rag/lexical_support", "agent/refusal"]}
    found = {item.item_id: item.rules for item in population(lake, USE_CASES, policy, ["docs"], lambda name: of.get(name, []))}
    assert found["docs-100-t"] == ("random", "stands_for_people"), "and a metric that is not named under signals flags nothing"
    assert found["docs-101-t"] == ("random",)
    plain = {
        item.item_id: item.rules for item in population(lake, USE_CASES, policy, ["docs"], lambda _: ["agent/lexical_support"])
    }
    assert plain["docs-100-t"] == ("random",)


def test_budget_lowers_all_of_a_day_alike_and_floors_come_on_top(tmp_path: Path) -> None:
    lake = lake_of(tmp_path)
    policy = load_review_policy(EXPECTATIONS).model_copy(update={"budget_per_day": 2.0})
    found = {one.item.item_id: one for one in chances(population(lake, USE_CASES, policy, ["docs"]), policy)}
    r1 = [one for one in found.values() if one.item.release == "r1"]
    assert sum(one.probability for one in r1) >= 30
    assert found["docs-100-t"].probability == pytest.approx(30 / 200)
    assert found["docs-100-t"].rules == ("floor", "random")
    assert found["docs-0-t"].probability == pytest.approx(2.0 / (5 + 195 * 0.02)), "a thumb down is lowered by the same factor"


def test_a_rule_estimate_weighted_by_its_probability_is_unbiased() -> None:
    """Of 20,000 items 2 % are bad and half of the bad are flagged: the weighted sample finds 2 %, the plain mean does not."""
    policy = load_review_policy(EXPECTATIONS).model_copy(update={"budget_per_day": 1e9})
    day = dt.date(2026, 11, 17)
    bad = {f"i{number}" for number in range(400)}
    items = [
        Item(f"i{n}", "turn", "docs", "r", "r", day, {}, ("judge_flagged", "random") if n < 200 else ("random",))
        for n in range(20_000)
    ]
    sample = drawn(chances(items, policy), policy)
    weights = [1 / one.probability for one in sample]
    hits = [one.item.item_id in bad for one in sample]
    rate = sum(weight for weight, hit in zip(weights, hits, strict=True) if hit) / sum(weights)
    assert rate == pytest.approx(0.02, abs=0.012)
    assert sum(hits) / len(hits) > 0.15


def test_filling_twice_adds_nothing_twice(tmp_path: Path) -> None:
    lake, folder = lake_of(tmp_path / "home"), expectations(tmp_path / "e", raters=RATERS)
    first = fill(lake, folder, USE_CASES)
    tasks = lake.rows("review.tasks")
    assert first.items == 400
    assert first.new["sample"] == sum(task["kind"] == "sample" for task in tasks) > 50
    assert first.new["anchor"] == 24
    again = fill(lake, folder, USE_CASES)
    assert again.new == {}
    assert sorted(lake.rows("review.tasks"), key=str) == sorted(tasks, key=str)
    assert {task["item_id"] for task in tasks} >= {f"docs-{number}-t" for number in range(5)}, "thumbs down are certain"
    sampled = [task for task in tasks if task["kind"] == "sample"]
    assert all(0 < task["inclusion_probability"] <= 1 for task in sampled)
    double = [task for task in sampled if task["labels_wanted"] == 2]
    assert 0.08 < len(double) / len(sampled) < 0.4
    assert all(len(task["assigned_to"]) == task["labels_wanted"] for task in sampled)
    assert {name for task in sampled for name in task["assigned_to"]} == {"ann", "bob", "cem"}, "seniors adjudicate"
    strata = lake.rows("review.strata")
    assert sum(row["items"] for row in strata) == 400
    assert sum(row["expected"] for row in strata) == pytest.approx(first.expected)


def test_a_thumb_down_that_comes_later_raises_the_probability(tmp_path: Path) -> None:
    lake, folder = lake_of(tmp_path / "home", down=0), expectations(tmp_path / "e")
    fill(lake, folder, USE_CASES)
    before = {task["item_id"]: task for task in lake.rows("review.tasks")}
    lake = lake_of(tmp_path / "home", down=200)
    fill(lake, folder, USE_CASES)
    after = {task["item_id"]: task for task in lake.rows("review.tasks")}
    assert before.keys() < after.keys()
    grown = [item for item in before if int(item.split("-")[1]) < 200]
    assert grown
    for item in grown:
        assert after[item]["inclusion_probability"] > before[item]["inclusion_probability"]
        assert after[item]["queued_at"] == before[item]["queued_at"]


def test_items_that_are_too_old_or_of_no_rubric_are_not_drawn(tmp_path: Path) -> None:
    lake, policy = lake_of(tmp_path), load_review_policy(EXPECTATIONS)
    only_last = policy.model_copy(update={"look_back_days": 1})
    assert {item.release for item in population(lake, USE_CASES, only_last, ["docs"])} == {"r2"}
    assert population(lake, USE_CASES, policy, ["other"]) == []
    assert population(Lake(tmp_path / "empty"), USE_CASES, policy, ["docs"]) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"raters": [{"name": "ann"}]}, "name at least two"),
        ({"rules": {"random": 0}}, "rules.random"),
        ({"agreement": {"usable": 0.9}}, "strong must not be below usable"),
        ({"budget": 3}, "unknown key; did you mean 'budget_per_day'?"),
    ],
)
def test_a_broken_policy_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError) as error:
        load_review_policy(expectations(tmp_path / "e", **changes))
    assert said in str(error.value)


def test_a_task_id_depends_on_the_version_of_the_rubric() -> None:
    assert task_id_of("sample", "i", "docs", 1) != task_id_of("sample", "i", "docs", 2)
    assert ReviewPolicy.model_validate({"version": 1, "salt": "s", "rules": {"random": 0.1}}).reviewers == ()
