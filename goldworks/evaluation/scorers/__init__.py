"""The scorers, one a file. A new one: write its file after the pattern of the others and add its class to `SCORERS`."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

from goldworks.digests import digest
from goldworks.evaluation.scorers import words
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
    scorer.name: scorer for scorer in (Contains, Exact, Facts, JsonValid, LexicalSupport, Refusal, RougeL, TokenF1, ToolCalls)
}
"""Every scorer by the name that suites call it."""


def scorer_digest(scorer: type[Scorer], settings: dict[str, Any]) -> str:
    """Digest of a scorer's source (its own file and those of this package it uses) and its settings."""
    own = sys.modules[scorer.__module__]
    used = {module.__name__: module for _, module in inspect.getmembers(own, inspect.ismodule)}
    for _, member in inspect.getmembers(own):
        module = sys.modules.get(getattr(member, "__module__", None) or "")
        if module is not None and module.__name__.startswith("goldworks.evaluation.scorers."):
            used[module.__name__] = module
    used[own.__name__] = own
    files = {name: Path(inspect.getfile(module)) for name, module in used.items() if name.startswith("goldworks.")}
    return digest({"sources": {name: path.read_text(encoding="utf-8") for name, path in files.items()}, "settings": settings})


__all__ = ["SCORERS", "scorer_digest", "words"]
