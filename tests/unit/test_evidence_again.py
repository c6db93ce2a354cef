"""What figures rest on is in the pack, under other names, and each change of it or of a figure is found by computing again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from evidence_pack import content, problems_after
from release_home import write_home, write_run

from goldworks.evaluation.aggregates import AGGREGATES, aggregate_digest
from goldworks.evaluation.aggregates.protocol import Aggregate, Scored
from goldworks.evaluation.scorers.counts import with_counts
from goldworks.evaluation.scorers.labels import Decision, detail_of
from goldworks.evidence.looked_at import LOOKS, case_from, looked_at
from goldworks.evidence.verifying import verify_pack
from goldworks.golden.case import Case, Expected, Pair
from goldworks.lake import Lake
from pipelines.cli import main

CASES = 240
UNSURE, BASE, SECOND = (1.0, 0.0, 1.0, 1.0), (1.0, 1.0, 1.0, 0.0), (1.0, 0.0, 1.0, 1.0, 1.0)
WHOLES = [
    {"metric": "facts_always", "aggregate": "share_of_cases", "of": "facts_required", "settings": {}, "kpi": "facts"},
    {"metric": "labels", "aggregate": "macro_f1", "of": "exact", "settings": {}, "kpi": "labels"},
]
GATES = [
    {"gate": "always", "family": "quality", "kind": "not_worse", "metric": "facts_always", "at": 0.06},
    {"gate": "labels", "family": "quality", "kind": "at_least", "metric": "labels", "at": 0.5},
    {"gate": "steady", "family": "quality", "kind": "flakiness", "metric": "facts_required", "at": 0.5, "verdicts": 2},
    {"gate": "no_leak", "family": "safety", "kind": "ban", "metric": "facts_forbidden", "at": 0},
]
Change = Callable[[Any], None]


def run(*arguments: str) -> None:
    with pytest.raises(SystemExit):
        main(list(arguments))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packs of a release at its second look, with aggregates, repeats, and a further run that leaks."""
    root = tmp_path_factory.mktemp("again")
    lake = write_home(root, {"1": BASE, "2": UNSURE}, CASES)
    _policies(root / "expectations")
    _labelled(lake, "run-1", "run-2")
    ids = [f"case-{number:05}" for number in range(CASES)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOLDWORKS_HOME", str(root / "home"))
        patch.setenv("GOLDWORKS_EXPECTATIONS", str(root / "expectations"))
        run("gate", "--release", "2", "--baseline", "1", "--use-case", "shop")
        write_run(lake, "2", ids, SECOND, 24, again="-second")
        write_run(lake, "2", ids, SECOND, 48, again="-night", occasion="release:2/schedule:1", forbidden=1)
        _labelled(lake, "run-2-second", "run-2-night")
        for name, edition in (("pack", "full"), ("again", "full"), ("customer", "customer")):
            of = ("--release", "2", "--baseline", "1", "--use-case", "shop", "--edition", edition)
            run("evidence", *of, "--out", str(root / name))
    return root


def _policies(expectations: Path) -> None:
    for name, more in (("suites", {"aggregates": WHOLES}), ("gates", {"looks": 2})):
        path = expectations / name / "chat.yml"
        found = {**yaml.safe_load(path.read_text()), **more}
        if name == "gates":
            found["gates"] += [{**gate, "suite": "chat", "means": "as it says"} for gate in GATES]
        path.write_text(yaml.safe_dump(found))


def _labelled(lake: Lake, *run_ids: str) -> None:
    """Aggregates in their configuration, and scores of a classification with words beside the labels in no detail."""
    digests = {one["metric"]: aggregate_digest(AGGREGATES[one["aggregate"]], {}, _of(one)) for one in WHOLES}
    for place, run_id in enumerate(run_ids):
        here = {"run_id": run_id}
        (row,) = lake.rows("evals.runs", where=[("run_id", "=", run_id)])
        config = orjson.loads(row["config"])
        config["suite"]["aggregates"] = WHOLES
        config["scorer_digests"] |= digests
        lake.replace("evals.runs", [{**row, "config": orjson.dumps(config).decode()}], here)
        rows = lake.rows("evals.scores", where=[("run_id", "=", run_id)])
        more = [
            {**row, "metric": "exact", "value": float(said == expected), "detail": detail_of(Decision(expected, said))}
            for number, row in enumerate(rows[:CASES])
            for expected, said in [("abc"[number % 3], "abc"[(number + (number % (7 + place) == 0)) % 3])]
        ]
        lake.replace("evals.scores", [*rows, *more], here)


def _of(one: dict[str, Any]) -> str:
    return "d" if one["of"] == "facts_required" else ""


def verdicts(pack: Path) -> dict[str, dict[str, Any]]:
    return {one["gate"]: one for one in json.loads((pack / "verdict.json").read_bytes())["gates"]}


def test_every_part_is_there_and_holds(made: Path):
    files = content(made / "pack")
    assert {"grounds.json", "parts.jsonl", "runs_known.jsonl", "judgments.jsonl", "further.jsonl"} <= set(files)
    for name in ("pack", "customer"):
        found = verify_pack(made / name)
        assert found.problems == ()
        assert not any("computed again" in note for note in found.notes), "nothing is only signed but how things stood"
    gates = verdicts(made / "pack")
    assert gates["always"]["look"] == 2
    assert gates["steady"]["estimate"]["value"] > 0
    assert gates["no_leak"]["status"] == "fail"
    assert "further run run-2-ni" in gates["no_leak"]["words"]
    assert gates["labels"]["estimate"]["method"] == "bootstrap_percentile"


def test_the_same_inputs_give_the_same_bytes_and_no_ids_of_cases(made: Path):
    assert content(made / "pack") == content(made / "again")
    for name in ("pack", "customer"):
        assert b'"case-0' not in b"".join(content(made / name).values())
    customer = content(made / "customer")
    assert not any(word in data for word in (b'"live"', b'"http"') for data in customer.values()), "no target, nor its kind"


def test_what_figures_rest_on_takes_little_room(made: Path):
    files = content(made / "pack")
    grounds = sum(len(files[name]) for name in files if name in GROUNDS)
    rows = sum(len(files[name]) for name in ("scores.jsonl", "answers.jsonl", "cases.jsonl"))
    assert grounds < rows / 2


GROUNDS = ("grounds.json", "parts.jsonl", "runs_known.jsonl", "judgments.jsonl", "further.jsonl")


def changed(*path: str | int, to: Any) -> Change:
    def change(value: Any) -> None:
        for key in path[:-1]:
            value = value[key]
        value[path[-1]] = to(value[path[-1]]) if callable(to) else to

    return change


def candidate(runs: Any) -> Any:
    return next(one for one in runs if one["side"] == "candidate")


def of(rows: Any, **wanted: Any) -> Any:
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def higher(value: float) -> float:
    return value + 0.001


FIGURES: dict[str, tuple[str, Change, str]] = {
    "an aggregate": (
        *("runs.json", lambda runs: changed("aggregates", "facts_always", "low", to=higher)(candidate(runs))),
        "runs.json: candidate.chat.aggregates.facts_always.low",
    ),
    "an aggregate that is gone": (
        *("runs.json", lambda runs: candidate(runs)["aggregates"].pop("labels")),
        "runs.json: candidate.chat.aggregates.labels",
    ),
    "a rate of flakiness": (
        *("runs.json", lambda runs: changed("flake_rates", "facts_required", "value", to=higher)(candidate(runs))),
        "runs.json: candidate.chat.flake_rates.facts_required.value",
    ),
    "another run": (*("runs.json", lambda runs: changed("run_id", to="run-2")(candidate(runs))), "runs.json: run_id.candidate"),
    "a difference": (
        *("judged.json", changed("differences", "chat/facts_always", "low", to=higher)),
        "judged.json: differences.chat/facts_always.low",
    ),
    "parts missing alone": (
        *("judged.json", changed("missing_alone", "chat/facts_always", to=[0, 9])),
        "judged.json: missing_alone.chat/facts_always",
    ),
    "no look": (*("judged.json", changed("looks", "chat", to=[])), "judged.json: looks.chat"),
    "another day of a look": (
        *("judged.json", changed("looks", "chat", 0, "on", to="2026-01-01")),
        "judged.json: looks.chat.0.on",
    ),
    "a look passed over": (
        *("judged.json", lambda one: one["passed_over"].update(chat=one["looks"]["chat"])),
        "judged.json: passed",
    ),
    "no leak": (*("judged.json", changed("forbidden", to={})), "judged.json: forbidden.no_leak"),
    "no hit of before": (*("judged.json", changed("recorded_hits", to={})), "judged.json: recorded_hits.no_leak"),
    "drift": (
        *("judged.json", lambda one: one["drifted"].update(m={"words": "", "remedy": "", "labels": 1, "is_of_baseline": False})),
        "judged.json: drifted.m",
    ),
}


@pytest.mark.parametrize(("name", "change", "said"), FIGURES.values(), ids=FIGURES)
def test_a_figure_that_does_not_follow_is_named(made: Path, tmp_path: Path, name: str, change: Change, said: str):
    found = problems_after(made / "pack", tmp_path, name, change)
    assert any(problem.startswith(said) for problem in found), found


def second_answer(label: str) -> Change:
    def change(rows: Any) -> None:
        rest = looks(rows)[0][2]
        rest["detail"] = detail_of(Decision(json.loads(rest["detail"])["expected"], label))

    return change


def looks(rows: Any) -> Any:
    return of(rows, side="candidate", metric="labels")["looked_at"]


def one_more_part(rows: Any) -> None:
    found = looks(rows)
    found.append([*found[0][:2], {"detail": detail_of(Decision("a", "d"))}])


def first_scores(metric: str) -> Callable[[Any], Any]:
    return lambda rows: of(rows, metric=metric)["scores"]


def one_more_repeat(rows: Any) -> None:
    found = first_scores("facts_required")(rows)
    found.append([found[0][0], 1, 1 - found[0][2], None])


def one_more_run(rows: Any) -> None:
    """Made before the others, so that it is one of the first."""
    row = of(rows, run_id="run-2-second")
    rows.append({**row, "run_id": "run-2-third", "ended_at": "2026-01-01T00:00:00+00:00"})


def first(judgments: Any) -> Any:
    return min(judgments, key=lambda row: row["first_judged_at"])


def failed_ban(judgments: Any) -> Any:
    return next(row["gates"]["no_leak"] for row in judgments if row["gates"]["no_leak"]["status"] == "fail")


def without_numbers(rows: Any) -> None:
    for gate in first(rows)["gates"].values():
        gate["has_value"] = False


def one_more_look(rows: Any) -> None:
    rows.append({**rows[0], "judgment_id": "another", "run_ids": ["run-1", "run-2-night"]})


ROWS: dict[str, tuple[str, Change]] = {
    "a label": ("parts.jsonl", second_answer("d")),
    "no label": ("parts.jsonl", lambda rows: looks(rows).pop()),
    "one more label": ("parts.jsonl", one_more_part),
    "a repeat": ("further.jsonl", lambda rows: changed(0, 2, to=lambda value: 1 - value)(first_scores("facts_required")(rows))),
    "no repeat": ("further.jsonl", lambda rows: first_scores("facts_required")(rows).pop()),
    "one more repeat": ("further.jsonl", one_more_repeat),
    "a leak": ("further.jsonl", lambda rows: changed(0, 2, to=1.0)(first_scores("facts_forbidden")(rows))),
    "no leak": ("further.jsonl", lambda rows: first_scores("facts_forbidden")(rows).pop()),
    "one more leak": ("further.jsonl", lambda rows: first_scores("facts_forbidden")(rows).append(["000002-x", 0, 0.0, None])),
    "a leaking run": ("further.jsonl", lambda rows: changed("run_id", to="run-x")(of(rows, metric="facts_forbidden"))),
    "no runs": ("runs_known.jsonl", lambda rows: rows.remove(of(rows, run_id="run-2-second"))),
    "no leaking run": ("runs_known.jsonl", lambda rows: rows.remove(of(rows, run_id="run-2-night"))),
    "a run that was cut short": ("runs_known.jsonl", lambda rows: changed("status", to="incomplete")(of(rows, run_id="run-2"))),
    "a run that ended later": (
        "runs_known.jsonl",
        lambda rows: changed("ended_at", to="2027-01-01T00:00:00+00:00")(of(rows, run_id="run-2")),
    ),
    "one more run": ("runs_known.jsonl", one_more_run),
    "another configuration": ("runs_known.jsonl", lambda rows: changed("config_digest", to="x")(of(rows, run_id="run-2"))),
    "no judgment": ("judgments.jsonl", lambda rows: rows.remove(first(rows))),
    "a ban that held before": ("judgments.jsonl", lambda rows: failed_ban(rows).update(status="pass")),
    "a ban by another scorer": ("judgments.jsonl", lambda rows: failed_ban(rows).update(scorer_digest="x")),
    "a laxer ban": ("judgments.jsonl", lambda rows: failed_ban(rows).update(threshold=-1)),
    "a gate without a number": ("judgments.jsonl", without_numbers),
    "one more judgment": ("judgments.jsonl", one_more_look),
    "a day": (
        "judgments.jsonl",
        lambda rows: changed("first_judged_at", to="2026-01-01T00:00:00+00:00")(
            min(rows, key=lambda row: row["first_judged_at"])
        ),
    ),
    "no aggregate": ("grounds.json", lambda one: one["wholes"][0]["aggregates"].pop()),
    "an aggregate of another metric": ("grounds.json", changed("wholes", 0, "aggregates", 0, "of", to="exact")),
    "no side": ("grounds.json", lambda one: one["wholes"].pop()),
}


@pytest.mark.parametrize(("name", "change"), ROWS.values(), ids=ROWS)
def test_a_row_that_was_changed_dropped_or_added_is_found(made: Path, tmp_path: Path, name: str, change: Change):
    assert problems_after(made / "pack", tmp_path, name, change)


def test_without_a_file_of_rows_nothing_follows(made: Path, tmp_path: Path):
    for name in ("parts.jsonl", "runs_known.jsonl", "judgments.jsonl", "further.jsonl"):
        (tmp_path / name).mkdir()
        assert problems_after(made / "pack", tmp_path / name, name, list.clear)


SETTINGS = {
    "macro_f1": {},
    "paired_gap": {"attribute": "name"},
    "pass_k": {"k": 2},
    "per_argument": {},
    "pooled_share": {},
    "position_consistency": {},
    "segment_floor": {"by": "tag", "prefix": "of:", "least": 2},
    "share_of_cases": {},
}
DETAILS = {
    "macro_f1": lambda n: detail_of(Decision("ab"[n % 2], "abc"[n % 3])),
    "per_argument": lambda n: with_counts("Jo's order", {"order()": (n % 2, 1), "order.name": (n % 3, 3)}),
    "pooled_share": lambda n: f"{n % 4} of 3 sentences, such as: Jo wrote" if n % 4 < 4 else "",
    "position_consistency": lambda n: ("won", "tie", "inconsistent: first shown", "inconsistent: Jo")[n % 4],
}


def scores(name: str) -> list[Scored]:
    found: list[Scored] = []
    for n in range(60):
        original = f"case-{n - n % 2:03}"
        pair = Pair(original, "name", "Jo") if n % 2 else None
        expected = Expected(reference="Jo wrote", pair=pair)
        case = Case(
            case_id=f"case-{n:03}", use_case="u", tier="T2", origin="authored", tags=(f"of:{n % 3}", "jo"), expected=expected
        )
        for repeat in range(2):
            detail = DETAILS.get(name, lambda n: "Jo wrote")(n + repeat)
            value = ((n + repeat) % 4) / 3 if name == "pooled_share" else float((n + repeat) % 5 > 0)
            lost = n % 17 == 0 and repeat
            found.append(
                Scored(
                    case.case_id, repeat, f"k{n // 3}", None if lost else value, "scorer_error" if lost else None, detail, case
                )
            )
    return [one for one in found if name != "pooled_share" or one.value is None or one.value <= 1]


@pytest.mark.parametrize("name", sorted(AGGREGATES))
def test_of_a_score_goes_in_what_an_aggregate_looks_at_and_no_text(name: str):
    assert set(LOOKS) == set(AGGREGATES)
    kind = AGGREGATES[name]
    made_of: Aggregate = kind(kind.Settings.model_validate(SETTINGS[name]))
    whole = scores(name)
    kept = [looked_at(name, one, SETTINGS[name]) for one in whole]
    assert "Jo wrote" not in json.dumps(kept)
    assert "order" not in json.dumps(kept)
    bare = [
        Scored(
            *(one.case_id, one.repeat, one.cluster_id, one.value, one.reason, row.get("detail")),
            case_from(one.case_id, row["case"]) if "case" in row else None,
        )
        for one, row in zip(whole, kept, strict=True)
    ]
    estimates = [made_of.over(of, confidence=0.9, seed=7).estimate for of in (whole, bare)]
    assert estimates[0].value is not None
    assert estimates[0] == estimates[1]
    tallies = [made_of.tally(of) for of in (whole, bare)]
    assert all(tally is not None for tally in tallies)
    assert [(tally.shape, tally.parts) for tally in tallies if tally] == [(tallies[0].shape, tallies[0].parts)] * 2  # type: ignore[union-attr]
