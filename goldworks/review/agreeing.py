"""How far reviewers agree, by rubric version, dimension, pair and segment, and whether their labels may be used as reference.

From first labels of people alone, before adjudication. Items with one label say nothing, and are counted.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from goldworks.lake import Lake
from goldworks.review.disagreements import human_labels
from goldworks.review.policy import ReviewPolicy, load_review_policy
from goldworks.review.queue import alone
from goldworks.review.rubric import Dimension, Rubric, load_rubrics
from goldworks.statistics.agreement import Agreement, agreement
from goldworks.statistics.estimates import Estimate
from goldworks.statistics.resampling import seed_of

Row = dict[str, Any]
UNDECIDED = "label more of the same items twice: raise overlap.share in review.yml, or import labels that are still out"
NOT_USABLE = (
    "do not use these labels as reference: look at the items on which reviewers differ, sharpen the rubric's wording and "
    "examples, raise its version, calibrate the reviewers on anchor items and label anew"
)
WIDE = (
    "not yet a reference: the agreement is high enough, and so few items show it that it may be lower; label more of the same "
    "items twice (goldworks plan kappa says how many; overlap.share in review.yml)"
)
CONSTANT = "every label is the same, so nothing shows that reviewers can tell pass from fail: add items that a metric flags"


def agree(lake: Lake, expectations: Path) -> list[Row]:
    """Compute and keep `review.agreement`; return its rows. Of versions that are not in force the last known rows stay."""
    policy = load_review_policy(expectations)
    now = dt.datetime.now(dt.UTC)
    rubrics = load_rubrics(expectations).values()
    with alone(lake):
        rows = [
            row
            for rubric in rubrics
            for row in agreement_rows(human_labels(lake, rubric.name, rubric.version, ["first"]), rubric, policy, now)
        ]
        current = {(rubric.name, rubric.version) for rubric in rubrics}
        kept = [row for row in lake.rows("review.agreement") if (row["rubric"], row["rubric_version"]) not in current]
        lake.replace("review.agreement", [*kept, *rows])
    return rows


def agreement_rows(labels: Sequence[Row], rubric: Rubric, policy: ReviewPolicy, now: dt.datetime) -> list[Row]:
    """Rows of `review.agreement` of a rubric; none for a dimension without labels."""
    rows: list[Row] = []
    for dimension in rubric.dimensions:
        of = [row for row in labels if row["dimension"] == dimension.name]
        for scope, name, part in _scopes(of):
            found = _row(part, dimension, policy, seed_of(rubric.name, str(rubric.version), dimension.name, scope, name))
            head = {
                "rubric": rubric.name,
                "rubric_version": rubric.version,
                "dimension": dimension.name,
                "scope": scope,
                "of": name,
            }
            rows.append({**head, **found, "computed_at": now})
    return rows


def _scopes(rows: Sequence[Row]) -> Iterator[tuple[str, str, list[Row]]]:
    if not rows:
        return
    yield "all", "", list(rows)
    raters = sorted({row["rater"] for row in rows})
    items: dict[str, set[str]] = {}
    for row in rows:
        items.setdefault(row["item_id"], set()).add(row["rater"])
    for a, b in itertools.combinations(raters, 2):
        both = {item for item, names in items.items() if {a, b} <= names}
        if both:
            yield "pair", f"{a} | {b}", [row for row in rows if row["item_id"] in both and row["rater"] in (a, b)]
    segments = sorted({row["segment"] for row in rows if row["segment"]})
    for segment in segments if len(segments) > 1 else ():
        yield "segment", segment, [row for row in rows if row["segment"] == segment]


def _row(rows: Sequence[Row], dimension: Dimension, policy: ReviewPolicy, seed: int) -> Row:
    raters = sorted({row["rater"] for row in rows})
    given: dict[str, dict[str, str]] = {}
    cluster: dict[str, str] = {}
    for row in rows:
        given.setdefault(row["item_id"], {})[row["rater"]] = row["value"]
        cluster[row["item_id"]] = row["conversation_id"] or row["item_id"]
    units = sorted(given)
    labels = [[given[unit].get(rater) for rater in raters] for unit in units]
    confidence = policy.agreement.confidence
    found = agreement(
        labels,
        dimension.values,
        level=dimension.level,
        clusters=[cluster[unit] for unit in units],
        confidence=confidence,
        seed=seed,
    )
    double = [unit for unit in units if len(given[unit]) > 1]
    passes = [dimension.is_pass(value) for unit in double for value in given[unit].values()]
    status, remedy = _status(found, policy)
    return {
        "units": len(double),
        "single": len(units) - len(double),
        "raters": len(raters),
        "fail_rate": passes.count(False) / len(passes) if passes else None,
        **_three("alpha", found.alpha),
        **_three("percent", found.percent),
        **_three("ac1", found.ac1),
        **_three("kappa", found.kappa),
        "confidence": confidence,
        "reason": found.alpha.reason,
        "status": status,
        "remedy": remedy,
    }


def _three(name: str, estimate: Estimate | None) -> Row:
    values = (estimate.value, estimate.low, estimate.high) if estimate else (None, None, None)
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


def _status(found: Agreement, policy: ReviewPolicy) -> tuple[str, str]:
    """Too few units decide nothing, nor an interval around a good value that reaches below the bar, nor labels that do not vary.

    Only what is usable or strong is a reference.
    """
    alpha, bars = found.alpha, policy.agreement
    if alpha.reason == "no_variation":
        return "undecided", CONSTANT
    if alpha.low is None:
        return "undecided", UNDECIDED
    if alpha.low >= bars.strong:
        return "strong", ""
    if alpha.low >= bars.usable:
        return "usable", ""
    return ("undecided", WIDE) if alpha.value is not None and alpha.value >= bars.usable else ("not_usable", NOT_USABLE)
