"""Scorers and targets of the user's own: by reference, by entry point, and any function through the generic adapter."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import msgspec
import pytest

from goldworks.errors import InputError
from goldworks.evaluation.answers import Answer, Call, Outcome
from goldworks.evaluation.scorers import SCORERS, choose
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE, SCORER_ERROR, Score
from goldworks.evaluation.suites import Scoring, Suite, load_suite
from goldworks.evaluation.targets import load_target
from goldworks.golden.read import Case

OWN = """
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.policies import Policy
from own_scorers.lengths import LIMIT

class Short(Scorer):
    name = "short"

    class Settings(Policy):
        words: int = LIMIT

    def __init__(self, settings):
        self.words = settings.words

    def applies(self, case):
        return True

    def score(self, case, answer):
        return Score(float(len((answer.text or "").split()) <= self.words))

class Half(Scorer):
    name = "half"

    def applies(self, case):
        return True

def overlap(question, answer, contexts, reference=None, weight=1.0):
    return weight * sum(word in " ".join(contexts) for word in answer.split()) / len(answer.split())

async def stars(answer):
    return {"": 1, "good": 5, "fair": 3}.get(answer, "none")

def whole(**given):
    return sorted(given) == ["answer", "question", "reference"]

def says(answer, what):
    return eval(what)

from dataclasses import dataclass
from typing import Any, Literal
from goldworks.evaluation.targets import Limits

class Echo:
    kind, is_redacted, is_fixed, limits = "echo", False, False, Limits()

    class Policy(Policy):
        kind: str
        word: str

    def __init__(self, name, policy):
        self.name, self.policy = name, policy

number = 3
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "own_scorers"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "lengths.py").write_text("LIMIT = 2\n")
    (package / "metrics.py").write_text(OWN)
    (package / "unfinished.py").write_text("def f(answer:\n")
    (package / "failing.py").write_text("{}['x']\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "own_scorers"]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    return package


def case(*passages: str, **expected: object) -> Case:
    value = {
        "case_id": "c1",
        "use_case": "u",
        "tier": "T2",
        "origin": "authored",
        "messages": [{"role": "user", "text": "when?"}, {"role": "assistant", "text": "soon"}],
        "passages": [{"text": text} for text in passages],
        "expected": expected,
    }
    return msgspec.convert(value, Case)


def said(text: str | None, **more: object) -> Answer:
    return Answer("c1", 0, text=text, **more)  # type: ignore[arg-type]


def suite(scorer: str, **settings: object) -> Suite:
    metric = {"metric": "m", "scorer": scorer, "kpi": "k", "settings": settings}
    return Suite.model_validate({"version": 1, "name": "s", "description": "d", "metrics": [metric]})


def scored(scorer: str, of: Case, answer: Answer, **settings: object) -> Score:
    return Scoring.of(suite(scorer, **settings)).scores([(of, answer)])[0]["m"]


def test_a_scorer_is_found_by_lying_in_the_package():
    assert {"exact", "facts", "callable", "lexical_support"} <= SCORERS.keys()
    assert all(scorer.name == name for name, scorer in SCORERS.items())
    assert list(SCORERS) == sorted(SCORERS)


def test_a_class_of_ones_own_is_a_scorer_with_its_settings(own: Path):
    assert scored("own_scorers.metrics:Short", case(), said("one two")).value == 1
    assert scored("own_scorers.metrics:Short", case(), said("one two three")).value == 0
    assert scored("own_scorers.metrics:Short", case(), said("one two three"), words=3).value == 1
    with pytest.raises(ValueError, match=r"settings\.letters: Extra inputs"):
        suite("own_scorers.metrics:Short", letters=3)


def test_a_function_is_a_scorer_and_what_it_needs_decides_where_it_applies(own: Path):
    overlap = "own_scorers.metrics:overlap"
    assert scored(overlap, case("open at nine"), said("open at ten")).value == pytest.approx(2 / 3)
    assert scored(overlap, case("open at nine"), said("open at ten"), arguments={"weight": 0.5}).value == pytest.approx(1 / 3)
    assert scored("callable", case("a b"), said("a"), function=overlap).value == 1
    nothing = scored(overlap, case(), said("open"))
    assert (nothing.reason, nothing.detail) == (NOT_APPLICABLE, "there is no contexts")
    assert scored(overlap, case("a"), said(None, tool_calls=(Call("t"),))).reason == NOT_APPLICABLE
    assert scored(overlap, case("a"), said("")).detail == "ZeroDivisionError"
    fetched = said("ten", outcome=Outcome(contexts=({"id": "x", "text": "ten"},)))
    assert scored(overlap, case("open at nine"), fetched).value == 1


def test_an_async_function_with_a_scale_of_its_own(own: Path):
    stars = "own_scorers.metrics:stars"
    settings = {"low": 1, "high": 5}
    pairs = [(case(), said(text)) for text in ("good", "fair", "", "poor")]
    scores = [score["m"] for score in Scoring.of(suite(stars, **settings)).scores(pairs)]
    assert [score.value for score in scores] == [1.0, 0.5, 0.0, None]
    assert (scores[3].reason, scores[3].detail) == (SCORER_ERROR, "returned str")
    assert scored(stars, case(), said("good"), **settings, lower_is_better=True).value == 0


@pytest.mark.parametrize(
    ("what", "value", "detail"),
    [
        ("True", 1.0, None),
        ("0.25", 0.25, None),
        ("None", None, "the function gave no value"),
        ("1.5", None, "value outside 0..1"),
        ("float('nan')", None, "value outside 0..1"),
        ("[1]", None, "TypeError"),
        ("1/0", None, "ZeroDivisionError"),
        ("Score(0.5, detail='half')", 0.5, "half"),
    ],
)
def test_what_a_function_may_return(own: Path, what: str, value: float | None, detail: str | None):
    got = scored("own_scorers.metrics:says", case(), said("a"), arguments={"what": what})
    assert (got.value, got.detail) == (value, detail)


def test_a_function_that_takes_anything_is_given_what_there_is(own: Path):
    assert scored("own_scorers.metrics:whole", case(reference="r"), said("a")).value == 1
    assert scored("own_scorers.metrics:whole", case(), said("a")).value == 0


@pytest.mark.parametrize(
    ("scorer", "settings", "message"),
    [
        ("nowhere_at_all:f", {}, "cannot import nowhere_at_all"),
        ("own_scorers.unfinished:f", {}, "own_scorers.unfinished fails when it is imported: SyntaxError"),
        ("own_scorers.failing:f", {}, "own_scorers.failing fails when it is imported: KeyError: 'x'"),
        ("own_scorers.metrics:absent", {}, "module own_scorers.metrics has no absent"),
        ("own_scorers.metrics:number", {}, "is no scorer"),
        ("own_scorers.metrics:Half", {}, "is not complete"),
        ("own_scorers.metrics:says", {}, "needs what: set them in `arguments`"),
        ("own_scorers.metrics:overlap", {"arguments": {"wait": 1}}, "takes no wait"),
        ("own_scorers.metrics:overlap", {"low": 1}, "low must be less than high"),
        ("callable", {"function": "no colon"}, "does not name code"),
        ("exactly", {}, "no scorer 'exactly'"),
    ],
)
def test_what_cannot_be_a_scorer_is_refused_with_the_suite(own: Path, scorer: str, settings: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        suite(scorer, **settings)


def test_a_broken_suite_names_file_and_line(own: Path, tmp_path: Path):
    path = tmp_path / "s.yml"
    path.write_text(
        "version: 1\nname: s\ndescription: d\nmetrics:\n  - {metric: a, scorer: exact, kpi: k}\n"
        "  - metric: b\n    scorer: own_scorers.metrics:absent\n    kpi: k\n"
    )
    with pytest.raises(Exception, match=r"s\.yml:6: metrics\.1: .*has no absent"):
        load_suite(path)


def test_the_digest_follows_the_plug_in_and_what_it_imports_of_its_package(own: Path):
    def digests() -> list[str]:
        return [suite(name).scorer_digests["m"] for name in ("own_scorers.metrics:Short", "own_scorers.metrics:overlap")]

    before = digests()
    assert digests() == before
    (own / "lengths.py").write_text("LIMIT = 30\n")
    one = digests()
    assert all(a != b for a, b in zip(before, one, strict=True))
    (own / "metrics.py").write_text(OWN + "# another line\n")
    assert all(a != b for a, b in zip(one, digests(), strict=True))


def test_the_digest_of_a_function_follows_its_arguments(own: Path):
    one, two = (suite("own_scorers.metrics:overlap", arguments={"weight": w}).scorer_digests["m"] for w in (1, 2))
    assert one != two


@pytest.fixture
def point(own: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], None]:
    def declare(name: str, value: str, group: str) -> None:
        points = metadata.EntryPoints([metadata.EntryPoint(name, value, group)])
        monkeypatch.setattr(metadata, "entry_points", points.select)

    return declare


def test_an_entry_point_is_a_scorer_by_its_name_but_never_in_place_of_ours(point: Callable[[str, str, str], None]):
    point("short", "own_scorers.metrics:Short", "goldworks.scorers")
    assert scored("short", case(), said("one two")).value == 1
    with pytest.raises(InputError, match="short"):  # the list of what there is names it
        choose("shorter")
    point("exact", "own_scorers.metrics:Short", "goldworks.scorers")
    assert choose("exact").scorer is SCORERS["exact"]


@pytest.mark.parametrize("kind", ["own_scorers.metrics:Echo", "echo"])
def test_a_target_kind_of_ones_own(point: Callable[[str, str, str], None], tmp_path: Path, kind: str):
    point("echo", "own_scorers.metrics:Echo", "goldworks.targets")
    path = tmp_path / "mine.yml"
    path.write_text(f'kind: "{kind}"\nword: hello\n')
    target = load_target(path)
    assert (target.name, target.kind, target.policy.word) == ("mine", "echo", "hello")  # type: ignore[attr-defined]
    path.write_text(f'kind: "{kind}"\n')
    with pytest.raises(Exception, match=r"mine\.yml:1: word: required key is absent"):
        load_target(path)


def test_a_target_kind_that_is_none(own: Path, tmp_path: Path):
    path = tmp_path / "mine.yml"
    for kind, message in (("ech", "no target kind 'ech'"), ("own_scorers.metrics:Short", "is no target")):
        path.write_text(f'kind: "{kind}"\n')
        with pytest.raises(InputError, match=message):
            load_target(path)
