"""The strata of a turn: what the plan spreads the cases over. How many are drawn from each is decided in `drawing`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from goldworks.use_cases import Plan

Row = Mapping[str, Any]
WORD = re.compile(r"[a-z']+")

FILLERS = frozenset(
    ("a", "and", "but", "hello", "hey", "hi", "i'd", "just", "like", "now", "ok", "okay", "please", "so", "thanks", "then", "to")
)
KINDS = {
    word: kind
    for kind, words in {
        "ask_what": "what what's whats which",
        "ask_who": "who who's whose whom",
        "ask_when": "when when's",
        "ask_where": "where where's",
        "ask_why": "why",
        "ask_how": "how how's",
        "ask_yes_no": "am are can can't could did do does don't has have is isn't may must shall should was were will would",
        "write": "compose create design draft generate make produce write",
        "explain": "compare define describe discuss explain tell",
        "list": "find give identify list name provide recommend show suggest",
        "rework": "convert correct edit fix improve paraphrase rephrase rewrite shorten summarise summarize translate",
        "classify": "categorise categorize classify label sort",
        "compute": "add calculate compute count solve",
    }.items()
    for word in words.split()
}
UNNAMED = ("ask_other", "other")
"""What a request is whose first words tell no kind; a question, then anything else."""
LOOKED_AT = 4
"""Words at the beginning that are looked at, fillers not counted as such."""


def intent(tool_names: Sequence[str], question: str) -> str:
    """The first tool that was called in the turn; without one the kind of request its first words tell, in English.

    Kinds are a closed list, so no word of a conversation can stand in the column.
    """
    if tool_names:
        return tool_names[0]
    for word in WORD.findall(question[:200].lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))[:LOOKED_AT]:
        if word in KINDS:
            return KINDS[word]
        if word not in FILLERS:
            break
    return UNNAMED[0] if "?" in question else UNNAMED[1]


def strata(row: Row, plan: Plan) -> dict[str, str]:
    """The value of each stratum of `plan` for a row of the pool that has its `question`."""
    values = {
        "intent": intent(row["tool_names"], row["question"]),
        "release": row["release"] or "unknown",
        "length": _length(row["question_index"] + 1, plan.length_edges),
        "tools": _how_many(len(row["tool_names"])),
        "feedback": _sign(row["feedback_score"]),
        "known_failure": "yes" if known_failures(row) else "no",
    }
    return {name: values[name] for name in plan.strata}


def known_failures(row: Row) -> tuple[str, ...]:
    """What is known to have gone wrong in the turn, sorted: a failed tool, a thumb down."""
    found = {"failed_tool": (row["tool_errors"] or 0) > 0, "thumb_down": (row["feedback_score"] or 0) < 0}
    return tuple(name for name, is_so in found.items() if is_so)


def _length(messages: int, edges: Sequence[int]) -> str:
    """The class of a number of messages; edges (1, 6) give `1`, `2-6` and `7+`."""
    index = bisect_left(edges, messages)
    low = edges[index - 1] + 1 if index else 1
    if index == len(edges):
        return f"{low}+"
    return str(low) if low == edges[index] else f"{low}-{edges[index]}"


def _how_many(calls: int) -> str:
    return "none" if calls == 0 else "one" if calls == 1 else "several"


def _sign(score: float | None) -> str:
    return "none" if score is None else "down" if score < 0 else "up" if score > 0 else "neutral"
