"""How well each reviewer labels items whose right label is known: anchors, and items that were adjudicated later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from goldworks.lake import Lake
from goldworks.review.anchors import load_anchors
from goldworks.review.disagreements import differ, human_labels
from goldworks.review.policy import ReviewPolicy
from goldworks.review.rubric import Rubric, load_rubrics
from goldworks.statistics import Estimate, rate


@dataclass(frozen=True, slots=True)
class Competence:
    """A reviewer on a rubric. `accuracy`: share of right labels, the dimensions of an item being a cluster; `items`: known items.

    `is_qualified`: enough items, and the lower end of the interval reaches the policy's bar.
    """

    rater: str
    rubric: str
    accuracy: Estimate
    items: int
    is_qualified: bool
    wanting: str


def competence(lake: Lake, expectations: Path, policy: ReviewPolicy) -> list[Competence]:
    """Every reviewer with a label on a known item. Neighbours on an ordered scale that pass alike count as right."""
    found: list[Competence] = []
    for rubric in load_rubrics(expectations).values():
        gold = _gold(lake, expectations, rubric)
        said: dict[str, list[tuple[str, bool]]] = {}
        for row in human_labels(lake, rubric.name, rubric.version, ["first", "anchor"]):
            right = gold.get((row["item_id"], row["dimension"]))
            if right is not None:
                is_right = not differ([row, {"value": right}], rubric, row["dimension"])
                said.setdefault(row["rater"], []).append((row["item_id"], is_right))
        for rater, labels in sorted(said.items()):
            accuracy = rate([is_right for _, is_right in labels], [item for item, _ in labels])
            items = len({item for item, _ in labels})
            found.append(_of(rater, rubric, accuracy, items, policy))
    return found


def _of(rater: str, rubric: Rubric, accuracy: Estimate, items: int, policy: ReviewPolicy) -> Competence:
    bar = policy.qualification
    wanting = ""
    if items < bar.items:
        wanting = f"{bar.items - items} more known items"
    elif accuracy.low is None or accuracy.low < bar.accuracy_low:
        wanting = f"accuracy of at least {bar.accuracy_low:.2f}: go through the guide and the items that were wrong together"
    return Competence(rater, rubric.name, accuracy, items, not wanting, wanting)


def _gold(lake: Lake, expectations: Path, rubric: Rubric) -> dict[tuple[str, str], str]:
    """The right label by item and dimension: anchors, and adjudications of dimensions in which reviewers differed."""
    gold = {
        (row["item_id"], row["dimension"]): row["value"]
        for row in human_labels(lake, rubric.name, rubric.version, ["adjudication"])
    }
    for item_id, anchor in load_anchors(expectations, rubric).items():
        gold.update({(item_id, name): value for name, value in anchor.expected.items()})
    return gold
