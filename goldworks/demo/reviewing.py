"""The sample's reviewer: which proposed cases are approved, and the outcome expected of each, from the known truth.

What a person would do with `goldworks golden show` and a YAML file, done from what is known of the sample. The import, the
approval and the minting are the product's own; nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from goldworks.demo.knowledge import Question, questions
from goldworks.demo.store import CHANGED_BY, Store
from goldworks.demo.truth import KnownTurn, Truth
from goldworks.evaluation.questions import question_of
from goldworks.golden.case import Case

AUTHOR = "Harbor Outfitters sample"
REVIEWER = "demo reviewer"
ANSWERABLE = 40
UNANSWERABLE = 8
"""Cases of harbor-docs, each asked once per release: a live model on a small machine answers one in half a second."""


def review(cases: Iterable[Case], truth: Truth) -> list[dict[str, Any]]:
    """Entries of an import, {case_id, use_case, expected}, for the cases that the reviewer approves.

    Of harbor-docs the first `ANSWERABLE` and `UNANSWERABLE` cases, in the order of their conversation ids, which are random; of
    harbor-orders every case in which a right answer calls a tool. Cases of other use cases are left alone.
    """
    known = {(turn.conversation_id, turn.trace_id): turn for turn in truth.turns}
    by_id = {question.id: question for question in questions()}
    left = {"answerable": ANSWERABLE, "unanswerable": UNANSWERABLE}
    entries: list[dict[str, Any]] = []
    for case in sorted(cases, key=lambda case: (case.conversation_id or "", case.case_id)):
        turn = known.get((case.conversation_id or "", case.trace_id or ""))
        expected = expected_of(turn, by_id, case) if turn is not None and turn.service == case.use_case else None
        if turn is None or expected is None:
            continue
        if case.use_case == "harbor-docs":
            kind = "unanswerable" if turn.is_unanswerable else "answerable"
            if not left[kind]:
                continue
            left[kind] -= 1
        entries.append({"case_id": case.case_id, "use_case": case.use_case, "expected": expected})
    return entries


def expected_of(turn: KnownTurn, by_id: dict[str, Question], case: Case) -> dict[str, Any] | None:
    """The expected outcome of a turn; None when there is nothing to check (a "thank you", say)."""
    if turn.is_unanswerable:
        return {"should_refuse": True}
    if turn.question_id is not None:
        question = by_id[turn.question_id]
        found = {"reference": question.reference, "facts_required": list(question.facts)}
        # a sentence of the page may hold both ("$95 for a kayak and $240 for a boat"): who quotes it is right
        forbidden = [fact for fact in question.forbidden if fact not in question.reference]
        return {**found, "facts_forbidden": forbidden} if forbidden else found
    if turn.calls:
        return {"tool_calls": [{"name": c["name"], "arguments": c["arguments"]} for c in turn.calls], **_store_after(turn, case)}
    return None


def _store_after(turn: KnownTurn, case: Case) -> dict[str, Any]:
    """What the right calls make of the store, and what of it may change."""
    store = Store.after(question_of(case).messages)
    for call in turn.calls:
        store.call(call["name"], call["arguments"])
    return {"state": store.state, "may_change": sorted({CHANGED_BY[c["name"]] for c in turn.calls if c["name"] in CHANGED_BY})}
