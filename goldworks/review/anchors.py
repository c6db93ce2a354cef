"""Anchor items: invented items whose right labels are agreed beforehand. Reviewers label them among others, without knowing."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from goldworks.errors import PolicyError
from goldworks.policies import Policy, load_policy
from goldworks.review.rubric import NAME, Rubric, Value
from goldworks.use_cases import Words

PREFIX = "anchor:"
"""Item ids of anchors begin so; no id of a log or run does, for these are digests or hold none."""


class Anchor(Policy):
    """One item. `expected`: the right choice by dimension; a dimension that is not named is not held against anybody."""

    id: str = Field(pattern=NAME)
    question: Words
    passages: tuple[Words, ...] = ()
    answer: Words
    expected: dict[str, Value] = Field(min_length=1)
    why: Words

    @property
    def item_id(self) -> str:
        """Its id among the items of the queue."""
        return PREFIX + self.id


class Anchors(Policy):
    """`expectations/rubrics/anchors/<rubric>.yml`."""

    version: int = Field(ge=1, description="of the rubric that they were agreed for")
    anchors: tuple[Anchor, ...]


def load_anchors(expectations: Path, rubric: Rubric) -> dict[str, Anchor]:
    """Anchors of a rubric by item id; none without a file. Raises `PolicyError` when they do not fit the rubric."""
    path = expectations / "rubrics" / "anchors" / f"{rubric.name}.yml"
    if not path.exists():
        return {}
    found = load_policy(path, Anchors)
    if found.version != rubric.version:
        raise PolicyError(
            f"{path}: version: agreed for version {found.version} of the rubric, which is at {rubric.version}",
            remedy="look at each anchor again, then raise the number",
        )
    anchors: dict[str, Anchor] = {}
    for index, anchor in enumerate(found.anchors):
        for name, value in anchor.expected.items():
            dimension = rubric.by_name.get(name)
            where = f"{path}: anchors.{index}.expected.{name}"
            if dimension is None:
                raise PolicyError(f"{where}: no such dimension", remedy=f"one of: {', '.join(rubric.by_name)}")
            if value not in dimension.values:
                raise PolicyError(f"{where}: {value!r} is not on the scale", remedy=f"one of: {', '.join(dimension.values)}")
        if anchor.item_id in anchors:
            raise PolicyError(f"{path}: anchors.{index}.id: {anchor.id!r} stands twice")
        anchors[anchor.item_id] = anchor
    return anchors
