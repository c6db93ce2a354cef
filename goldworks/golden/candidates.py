"""Proposing candidates: each use case's plan draws turns from the logs; what people decided about earlier ones is kept.

Which turns are drawn follows from the logs and the plan alone, whatever the order in which days arrived. What a person wrote,
edited, approved or retired stays, whatever the plan draws; other proposals go when the plan no longer draws them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute

from goldworks.golden.building import Messages, build_case, read_again
from goldworks.golden.case import Case, CaseTool, case_digest, case_of, row_of
from goldworks.golden.drawing import Item, draw, draw_order
from goldworks.golden.each import for_each
from goldworks.golden.near_duplicates import features, first_of_each
from goldworks.golden.pool import add_inputs, choose_turns, load_pool
from goldworks.golden.register import (
    AUTHORED,
    POLICY,
    Row,
    alone,
    candidate_row,
    is_touched,
    read_candidates,
    use_cases_with_candidates,
    write_candidates,
)
from goldworks.golden.strata import known_failures, strata
from goldworks.golden.tools import filled, read_tools, with_schemas
from goldworks.lake import Lake
from goldworks.use_cases import Plan, UseCase, UseCases

pc: Any = pyarrow.compute  # its functions are made at import, where no type checker sees them


class Drawn(msgspec.Struct, frozen=True):
    """A turn that the plan drew: its row of the pool, with inputs, and its stratum."""

    turn: dict[str, Any]
    stratum: str


def propose(lake: Lake, use_cases: UseCases, key: bytes) -> dict[str, int]:
    """Propose candidates of every use case in the logs; return how many are new, by use case.

    Every use case is worked on, whatever becomes of another; then `GoldworksError` names those that failed.
    """
    with alone(lake):
        in_logs = set(lake.read("logs.conversations", ["use_case"]).column(0).to_pylist())
        names = sorted(in_logs | set(use_cases_with_candidates(lake)))
        pool = load_pool(lake, names)
        return for_each(
            names,
            lambda name: _propose(lake, use_cases.get(name), read_tools(use_cases.tools_file(name)), pool, key),
            "proposing candidates",
        )


def _propose(lake: Lake, use_case: UseCase, declared: tuple[CaseTool, ...], pool: pa.Table, key: bytes) -> int:
    before = read_candidates(lake, use_case.name)
    kept = [row for row in before.values() if is_touched(row)]
    drawn = select(lake, use_case, pool, kept)
    conversations = [d.turn["conversation_id"] for d in drawn] + [r["conversation_id"] for r in kept if r["conversation_id"]]
    messages = Messages(lake, conversations)
    tools = with_schemas(_tools(pool, use_case.name), declared)
    after = {row["case_id"]: _refreshed(row, messages, declared, key) for row in kept}
    now = datetime.now(UTC)
    for one in drawn:
        case = build_case(one.turn, use_case, tools, messages, key)
        if case is not None and case.case_id not in after:
            after[case.case_id] = _row(case, one, use_case, before.get(case.case_id), now, key)
    write_candidates(lake, use_case.name, before, after.values())
    return len(after.keys() - before.keys())


def select(lake: Lake, use_case: UseCase, pool: pa.Table, kept: Sequence[Mapping[str, Any]]) -> list[Drawn]:
    """The turns that the plan of `use_case` draws, in the order of drawing.

    `kept` are candidates that stay anyway: they count as drawn, and their near duplicates are not proposed. Those of retired
    cases are not either: a person said no to that question.
    """
    plan = use_case.plan
    salt = f"{use_case.name}|{plan.seed}"
    states = {_turn(row): "retired" if row["state"] == "retired" else "approved" for row in kept if row["conversation_id"]}
    turns = add_inputs(lake, choose_turns(pool, use_case.name, salt, states, plan.unit))
    fixed = {turn for turn, state in states.items() if state != "retired"}
    turns.sort(key=lambda turn: (_turn(turn) not in fixed, draw_order(salt, turn["conversation_id"])))
    # an attack repeats the question of the case it was made of, and must not push that out
    others = [case_of(row) for row in kept if _turn(row) not in fixed and row["origin"] != "red_team"]
    turns = _without_duplicates(turns, others, fixed, plan)
    values = {turn["conversation_id"]: strata(turn, plan) for turn in turns}
    items = [Item(t["conversation_id"], tuple(values[t["conversation_id"]].values()), _turn(t) in fixed) for t in turns]
    turn_of = {turn["conversation_id"]: turn for turn in turns}
    return [
        Drawn(turn_of[item.item_id], " | ".join(f"{name}={value}" for name, value in values[item.item_id].items()))
        for item in draw(items, plan.size, plan.floor, salt)
    ]


def _without_duplicates(
    turns: Sequence[dict[str, Any]], others: Iterable[Case], fixed: set[tuple[str, str]], plan: Plan
) -> list[dict[str, Any]]:
    """`turns` without duplicates of an earlier one or of `others`; those that are fixed stay."""
    ahead = [_features_of_case(case) for case in others]
    inputs = ahead + [_features_of_turn(turn) for turn in turns]
    duplicate_of = first_of_each(inputs, plan.near_duplicate_at)[len(ahead) :]
    return [turn for turn, found in zip(turns, duplicate_of, strict=True) if found is None or _turn(turn) in fixed]


def _features_of_turn(turn: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    earlier = turn["before_hashes"].split()[:-1]  # the last of them is the message before the question, compared by its words
    return features(turn["question"], turn["before"], earlier, turn["passage_ids"] or ())


def _features_of_case(case: Case) -> frozenset[tuple[str, str]]:
    """The same of a case that stands in no pool; hashes of its earlier messages are not known, so they match nothing."""
    spoken = [message for message in case.messages if message.role != "system"]
    while spoken and spoken[-1].role == "assistant":  # of a whole conversation; its question comes before
        spoken.pop()
    texts = [message.text or "" for message in spoken[-2:]]
    question, before = texts[-1] if texts else "", texts[0] if len(texts) > 1 else ""
    earlier = [f"{case.case_id} {index}" for index in range(len(spoken) - 2)]
    return features(question, before, earlier, [passage.id for passage in case.passages if passage.id])


def _row(case: Case, drawn: Drawn, use_case: UseCase, earlier: Row | None, now: datetime, key: bytes) -> Row:
    proposed_at = earlier["proposed_at"] if earlier else now
    row = candidate_row(case, key, stratum=drawn.stratum, plan_digest=use_case.plan.digest, proposed_at=proposed_at)
    if use_case.approval == "policy" and drawn.turn["question"].strip() and not known_failures(drawn.turn):
        was = earlier is not None and earlier["reviewed_by"] == POLICY and earlier["case_digest"] == row["case_digest"]
        row |= {"state": "approved", "reviewed_by": POLICY, "reviewed_at": earlier["reviewed_at"] if was and earlier else now}
    return row


def _refreshed(row: Row, messages: Messages, declared: tuple[CaseTool, ...], key: bytes) -> Row:
    """A kept candidate, with its texts and tool schemas as they are now unless a person wrote them."""
    if row["plan_digest"] == AUTHORED or not row["conversation_id"]:
        return row
    case = filled(read_again(row, messages), declared)
    return {**row, **row_of(case), "case_digest": case_digest(case, key)}


def _tools(pool: pa.Table, use_case: str) -> list[CaseTool]:
    """The tools that were called in the use case's turns, by name: their schemas do not stand in the logs."""
    names = pc.list_flatten(pool.filter(pc.equal(pool.column("use_case"), use_case)).column("tool_names"))
    return [CaseTool(name=name) for name in sorted(name for name in pc.unique(names).to_pylist() if name)]


def _turn(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["conversation_id"], row["trace_id"]
