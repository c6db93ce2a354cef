"""Looking for a typed value in everything that is kept: which conversations and cases hold it, and which hashes lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson

from goldworks.evaluation.answers import TEXTS, Answer
from goldworks.evaluation.cache import cached_answers
from goldworks.forgetting.values import Sought
from goldworks.golden.case import case_of, texts_of
from goldworks.lake import Lake
from goldworks.orders import Scope
from goldworks.redaction.records import Known
from goldworks.suppression import number_of

IDS = {
    "logs.turns": ("source", "trace_id", "conversation_id", "release", "prompt_version", "model", "channel"),
    "logs.messages": ("tool_name", "tool_call_id"),
}
"""Names and ids that are stored as the logs give them, unless the policy recognises something in them."""


@dataclass(slots=True)
class Found:
    """Where a value stands: units (conversations, or cases that come from none) by place, hashes of entities, and ids that hold
    it, which an erasure of a value leaves as they are.
    """

    units: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    cut: set[str] = field(default_factory=set[str])
    recognised: int = 0
    in_ids: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    @property
    def is_anywhere(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.units or self.cut)

    def counts(self) -> dict[str, int]:
        """Conversations or cases by place, and redacted places whose hash leads to the value."""
        by_place = {place: len(units) for place, units in sorted(self.units.items())}
        return {**by_place, "entities": self.recognised, "ids": sum(map(len, self.in_ids.values()))}


def search(lake: Lake, sought: Sought) -> Found:
    """Look through logs, golden sets, evaluations, journals and the answer cache."""
    found = Found()
    for place, unit, texts in _texts(lake):
        if sought.stands_in_any(texts):
            found.units.setdefault(place, set()).add(unit)
    hashes = lake.read("logs.entities", ["value_hash"]).column(0).to_pylist()
    found.recognised = sum(value_hash in sought.digests for value_hash in hashes)
    found.cut = set(sought.digests.intersection(hashes))
    for key, columns in IDS.items():
        table = lake.read(key, columns)
        for column in columns:
            held = {value for value in set(table.column(column).to_pylist()) if value and sought.stands_in(value)}
            if held:
                found.in_ids.setdefault(f"{key}.{column}", set()).update(held)
    return found


def scope_of(lake: Lake, found: Found, sought: Sought) -> Scope:
    """What an erasure of the value is about. The hash of what is redacted now is cut as well: it led to the value."""
    units = {unit for held in found.units.values() for unit in held}
    known = sought.known(number_of(lake.home, sought.value_hash))
    values: dict[str, tuple[Known, ...]] = dict.fromkeys(sorted(units), (known,))
    cut = tuple(sorted({*found.cut, sought.value_hash} if values else found.cut))
    return Scope(values=values, cut=cut, kept_out=(known,))


def _texts(lake: Lake) -> Iterator[tuple[str, str, Any]]:
    """(place, unit, texts) of everything that is kept."""
    columns = ["conversation_id", "text", "tool_calls", "tool_result", "passages"]
    for day in lake.partitions("logs.messages"):
        for row in lake.rows("logs.messages", columns, [("arrived_on", "=", day["arrived_on"])]):
            parsed = [orjson.loads(row[name]) for name in ("tool_calls", "tool_result") if row[name]]
            yield "logs", row["conversation_id"], [row["text"], *parsed, row["passages"]]
    for row in lake.rows("logs.turns", ["conversation_id", "feedback_comment"]):
        if row["feedback_comment"]:
            yield "logs", row["conversation_id"], row["feedback_comment"]
    for key in ("golden.candidates", "golden.cases"):
        for row in lake.rows(key):
            yield "golden", row["conversation_id"] or row["case_id"], [text for _, text in texts_of(case_of(row))]
    for row in lake.rows("evals.answers", ["case_id", "cluster_id", "conversation_id", *TEXTS]):
        unit = row["conversation_id"] or row["cluster_id"] or row["case_id"]
        yield "evaluations", unit, [row["text"], *(orjson.loads(row[name]) for name in TEXTS[1:] if row[name])]
    for row in lake.rows("evals.scores", ["case_id", "detail"]):
        if row["detail"]:
            yield "evaluations", row["case_id"], row["detail"]
    decoder = msgspec.json.Decoder(Answer)
    for path in sorted((lake.home / "runs").glob("*/answers.jsonl")):
        for line in path.read_bytes().splitlines():
            try:
                answer = decoder.decode(line)
            except msgspec.DecodeError:  # half written by a killed process; cut off when the run goes on
                continue
            yield "journals", *_said(answer)
    for answer in cached_answers(lake.home / "cache"):
        yield "answer cache", *_said(answer)


def _said(answer: Answer) -> tuple[str, list[Any]]:
    """An answer's unit and texts."""
    unit = answer.conversation_id or answer.cluster_id or answer.case_id
    return unit, [answer.text, msgspec.to_builtins(answer.tool_calls), msgspec.to_builtins(answer.outcome)]
