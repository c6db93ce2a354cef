"""What the sample's people wrote into golden sets themselves, and the attacks that are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from goldworks.evaluation.attacks.generating import generate
from goldworks.evaluation.attacks.proposing import propose_cases
from goldworks.evaluation.attacks.seeds import load_seeds
from goldworks.evaluation.attacks.techniques import TECHNIQUES
from goldworks.golden.case import Case, case_of
from goldworks.golden.yaml_form import read_yaml
from goldworks.home import Home
from goldworks.use_cases import UseCases

FILES = {"harbor-docs": "docs.yml", "harbor-mail": "mail.yml"}
ATTACKED = "harbor-mail"
ATTACKS = 4
"""Attacks of each technique."""


def written(use_case: str) -> list[dict[str, Any]]:
    """Entries of an import: the cases that people wrote for a use case."""
    if use_case not in FILES:
        return []
    text = (Path(__file__).parent / "cases" / FILES[use_case]).read_text(encoding="utf-8")
    return [entry for _, entry in read_yaml(text) if isinstance(entry, dict)]


def attacks(home: Home, use_case: str, use_cases: UseCases, author: str) -> Sequence[Case]:
    """Attacks of every technique on the cases that stand among the candidates, proposed; only for the agent that reads mail."""
    if use_case != ATTACKED:
        return ()
    bases = [case_of(row) for row in home.lake.rows("golden.candidates", where=[("use_case", "=", use_case)])]
    seeds = load_seeds(home.settings.expectations / "attacks")
    made = generate(bases, seeds, TECHNIQUES.values(), home.key, count=ATTACKS)
    return propose_cases(home.lake, made, use_cases, home.key, home.redactor, author).cases
