"""What each aggregate looks at of a score beside its value: of its detail and its case only that much goes into a pack, no texts.

An aggregate of somebody else's may look at anything. It is not named here, and its figures are signed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from goldworks.evaluation.aggregates import AGGREGATES
from goldworks.evaluation.aggregates.pooled_share import PART_OF
from goldworks.evaluation.aggregates.protocol import Scored
from goldworks.evaluation.scorers.counts import counts_in, with_counts
from goldworks.evaluation.scorers.labels import decision_of, detail_of
from goldworks.evaluation.scorers.preference import CONSISTENT, FIRST, MIXED, SECOND
from goldworks.golden.case import Case, Expected, Pair

Row = dict[str, Any]
Look = Callable[[Scored, Any], Row]
"""From a score and the aggregate's settings to `detail` and `case`, as far as it looks at them."""

NEEDS_CASES = ("segment_floor", "paired_gap")
FIELDS = ("tier", "origin", "intent", "release")


def looked_at(name: str, score: Scored, settings: Mapping[str, Any]) -> Row:
    """`detail` and `case` (fields by name) of the aggregate `name`, one of `LOOKS`; what it does not look at is not there."""
    return {key: value for key, value in LOOKS[name](score, AGGREGATES[name].Settings.model_validate(settings)).items() if value}


def case_from(case_id: str, fields: Mapping[str, Any]) -> Case:
    """A case of the `case` of `looked_at`: for aggregates alike the one that it was taken from."""
    pair = Pair(*fields["pair"]) if "pair" in fields else None
    return Case(
        case_id=case_id,
        use_case="",
        tier=fields.get("tier", ""),
        origin=fields.get("origin", ""),
        intent=fields.get("intent"),
        release=fields.get("release"),
        tags=tuple(fields.get("tags", ())),
        parents=tuple(fields.get("parents", ())),
        expected=Expected(pair=pair),
    )


def _nothing(score: Scored, settings: Any) -> Row:
    return {}


def _label(score: Scored, settings: Any) -> Row:
    decision = decision_of(score.value, score.detail)
    return {"detail": detail_of(decision) if decision is not None else None}


def _part_of(score: Scored, settings: Any) -> Row:
    found = PART_OF.match(score.detail or "")
    return {"detail": found[0] if found else None}


def _counts(score: Scored, settings: Any) -> Row:
    """Added up over tools and arguments, so that no name of one goes in."""
    added: dict[str, tuple[int, int]] = {}
    for place, (good, judged) in counts_in(score.detail).items():
        kind = "calls()" if place.endswith("()") else "arguments"
        before = added.get(kind, (0, 0))
        added[kind] = before[0] + good, before[1] + judged
    return {"detail": with_counts("", added)}


def _preference(score: Scored, settings: Any) -> Row:
    said = score.detail or ""
    other = "inconsistent" if said.startswith("inconsistent") else None
    return {"detail": said if said in (*CONSISTENT, FIRST, SECOND, MIXED) else other}


def _segment(score: Scored, settings: Any) -> Row:
    case, by = score.case, settings.by
    if case is None:
        return {}
    if by == "tag":
        tags = [tag for tag in case.tags if tag.startswith(settings.prefix)]
        return {"case": {"tags": tags} if tags else None}
    if by == "variant":
        return {"case": _paired(case.expected.pair)}
    return {"case": {by: getattr(case, by)} if getattr(case, by) else None}


def _pair(score: Scored, settings: Any) -> Row:
    case = score.case
    if case is None or case.expected.pair is None or case.expected.pair.attribute != settings.attribute:
        return {}
    return {"case": {**_paired(case.expected.pair), "parents": list(case.parents[:1])}}


def _paired(pair: Pair | None) -> Row:
    return {} if pair is None else {"pair": [pair.id, pair.attribute, pair.variant]}


LOOKS: dict[str, Look] = {
    "macro_f1": _label,
    "paired_gap": _pair,
    "pass_k": _nothing,
    "per_argument": _counts,
    "pooled_share": _part_of,
    "position_consistency": _preference,
    "segment_floor": _segment,
    "share_of_cases": _nothing,
}
