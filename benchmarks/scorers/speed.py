"""Pairs a second of each scorer on one thread, over cases of the sample company's pages."""

from __future__ import annotations

import time

import msgspec

from benchmarks.scorers.prompts import PROMPTS
from goldworks.demo.knowledge import passages, questions
from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers import SCORERS
from goldworks.evaluation.scorers.protocol import Scorer
from goldworks.golden.case import Case, CaseMessage, CasePassage, Expected

SETTINGS: dict[str, dict[str, object]] = {"facts": {"which": "required"}, "length": {"least": 1, "most": 50}}
LEFT_OUT = frozenset(["callable", "embedding", "judge", "preference"])
"""Scorers whose time is that of the function or the model they name."""

SECONDS = 1.0


def pairs() -> list[tuple[Case, Answer]]:
    """Every question of the sample with two pages, and an answer of its own."""
    pages = passages()
    found: list[tuple[Case, Answer]] = []
    for number, question in enumerate(questions()):
        near, other = question.source, pages[number % len(pages)]
        expected = {
            "reference": question.reference,
            "facts_required": [question.reference],
            "facts_forbidden": ["never on any day"],
            "label": "yes",
            "answerable": True,
            "relevant_passages": ["a"],
            "tool_calls": [{"name": "search", "arguments": {"query": "hours", "count": 3}}],
            "instructions": [{"kind": one.kind, "settings": one.settings} for one in PROMPTS if "language" not in one.kind][:6],
            "patterns": [r"\d+ days", "(?i)harbor"],
            "json_schema": {"type": "object"},
        }
        case = Case(
            case_id=f"c{number}",
            use_case="u",
            tier="T2",
            origin="authored",
            messages=(CaseMessage("user", question.ask[0]),),
            passages=(CasePassage("a", near.text), CasePassage("b", other.text)),
            expected=msgspec.convert(expected, Expected),
        )
        text = f'{question.reference} [a] It says "{near.text[:60]}" in {number} places [b], and costs 12.50 euros.'
        call = Call("search", {"query": "hours", "count": 3})
        found.append((case, Answer(case.case_id, 0, text=text, tool_calls=(call,) if number % 2 else ())))
    return found


def speed() -> None:
    """Print pairs a second. A first pass, not counted, makes what is made once: compiled patterns, passages taken apart."""
    found = pairs()
    for name, kind in SCORERS.items():
        if name in LEFT_OUT or any(field.is_required() for key, field in kind.Settings.model_fields.items()
                                   if key not in SETTINGS.get(name, {})):  # fmt: skip
            continue
        scorer = kind(kind.Settings.model_validate(SETTINGS.get(name, {})))
        asked = [pair for pair in found if scorer.applies(pair[0])]
        if not asked:
            print(f"  {name:<22}no case of these asks for it")
            continue
        print(f"  {name:<22}{_rate(scorer, asked):>12,.0f} pairs/s")


def _rate(scorer: Scorer, asked: list[tuple[Case, Answer]]) -> float:
    scorer.score_all(asked)
    done, started = 0, time.perf_counter()
    while (seconds := time.perf_counter() - started) < SECONDS:
        scorer.score_all(asked)
        done += len(asked)
    return done / seconds
