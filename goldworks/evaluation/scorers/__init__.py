"""The scorers, one a file. A new one: write its file after the pattern of the others and add its class to `SCORERS`."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from goldworks.digests import digest
from goldworks.evaluation.scorers.answered import Answered
from goldworks.evaluation.scorers.contains import Contains
from goldworks.evaluation.scorers.exact import Exact
from goldworks.evaluation.scorers.facts import Facts
from goldworks.evaluation.scorers.json_valid import JsonValid
from goldworks.evaluation.scorers.lexical_support import LexicalSupport
from goldworks.evaluation.scorers.protocol import Scorer
from goldworks.evaluation.scorers.refusal import Refusal
from goldworks.evaluation.scorers.rouge_l import RougeL
from goldworks.evaluation.scorers.token_f1 import TokenF1
from goldworks.evaluation.scorers.tool_calls import ToolCalls

SCORERS: dict[str, type[Scorer]] = {
    scorer.name: scorer
    for scorer in (Answered, Contains, Exact, Facts, JsonValid, LexicalSupport, Refusal, RougeL, TokenF1, ToolCalls)
}
"""Every scorer by the name that suites call it."""


def scorer_digest(scorer: type[Scorer], settings: dict[str, Any]) -> str:
    """Digest of a scorer's source (its own file and those of this package it uses, and they use) and its settings."""
    used: dict[str, ModuleType] = {}
    _follow(sys.modules[scorer.__module__], used)
    sources = {name: Path(inspect.getfile(module)).read_text(encoding="utf-8") for name, module in used.items()}
    return digest({"sources": sources, "settings": settings})


def _follow(module: ModuleType, used: dict[str, ModuleType]) -> None:
    """Add the module and the modules of this package that it took something from."""
    if module.__name__ in used:
        return
    used[module.__name__] = module
    for _, member in inspect.getmembers(module):
        name = member.__name__ if inspect.ismodule(member) else getattr(member, "__module__", None)
        if isinstance(name, str) and name.startswith(f"{__name__}.") and name in sys.modules:
            _follow(sys.modules[name], used)


__all__ = ["SCORERS", "scorer_digest"]
