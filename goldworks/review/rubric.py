"""Rubrics: what reviewers judge, by which scale, with examples that anchor it. YAML in `expectations/rubrics/`."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from goldworks.digests import digest
from goldworks.errors import InputError, PolicyError
from goldworks.policies import Policy, load_policy
from goldworks.use_cases import Words

NAME = r"^[a-z][a-z0-9_-]{0,79}$"
Value = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Level = Literal["nominal", "ordinal"]
MARKS = "_marks"


class Choice(Policy):
    """One point of a scale. `is_pass`: it meets the standard; None: it says neither, as when the question does not apply."""

    value: Value
    meaning: Words
    is_pass: bool | None


class Example(Policy):
    """An invented answer that anchors a point of the scale. `value` is what everybody should choose, `why` the reason."""

    question: Words
    passages: tuple[Words, ...] = ()
    answer: Words
    value: Value
    why: Words


class Dimension(Policy):
    """One question that a reviewer answers. `scale`: choices, for `ordinal` from worst to best.

    `marks`: what to mark in an answer that fails, as "Mark every statement that ..."; None: nothing is marked.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,79}$")
    question: Words
    level: Level = "nominal"
    scale: tuple[Choice, ...] = Field(min_length=2)
    examples: tuple[Example, ...] = Field(min_length=2)
    is_required: bool = True
    marks: Words | None = None

    @model_validator(mode="after")
    def _check(self) -> Dimension:
        for value in self.values:
            if self.values.count(value) > 1:
                raise ValueError(f"{self.name}: the choice {value!r} stands twice")
        if {choice.is_pass for choice in self.scale} < {True, False}:
            raise ValueError(f"{self.name}: the scale needs a choice that passes and one that fails")
        for example in self.examples:
            if example.value not in self.values:
                raise ValueError(f"{self.name}: example of {example.value!r}, which is none of {', '.join(self.values)}")
        if {self.is_pass(example.value) for example in self.examples} < {True, False}:
            raise ValueError(f"{self.name}: give an example that passes and one that fails")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The choices, in the order of the scale."""
        return tuple(choice.value for choice in self.scale)

    def is_pass(self, value: str) -> bool | None:
        """Whether a choice meets the standard. Raises `KeyError` for one that is not on the scale."""
        return {choice.value: choice.is_pass for choice in self.scale}[value]

    @property
    def marks_name(self) -> str:
        """Name of its marks in a form, and of their column in a sheet."""
        return self.name + MARKS

    @property
    def failing(self) -> tuple[Choice, ...]:
        """Choices that fail: only with these is anything marked."""
        return tuple(choice for choice in self.scale if choice.is_pass is False)


class Escalation(Policy):
    """When a reviewer must not decide alone: what they see, and whom they ask."""

    when: Words
    to: Words


class Rubric(Policy):
    """`expectations/rubrics/<name>.yml`. Whoever changes what a label means raises `version`: labels of another are stale."""

    version: int = Field(ge=1)
    name: str = Field(pattern=NAME)
    title: Words
    description: Words
    use_cases: tuple[str, ...] = Field(default=(), description="whose turns and answers are labelled by it")
    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    escalations: tuple[Escalation, ...] = ()

    @model_validator(mode="after")
    def _has_each_dimension_once(self) -> Rubric:
        names = [one.name for one in self.dimensions]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"dimension named twice: {', '.join(twice)}")
        if taken := sorted(set(names) & {one.marks_name for one in self.dimensions}):
            raise ValueError(f"{', '.join(taken)}: marks of another dimension are called so")
        return self

    @cached_property
    def by_name(self) -> dict[str, Dimension]:
        """Dimensions by name."""
        return {one.name: one for one in self.dimensions}

    @property
    def digest(self) -> str:
        """Digest of all it says: changes of a rubric enter by it. Without marks it is what it was before there were any."""
        said = self.model_dump(mode="json")
        for dimension in said["dimensions"]:
            if dimension["marks"] is None:
                del dimension["marks"]
        return digest(said)


def load_rubric(expectations: Path, name: str) -> Rubric:
    """The rubric of that name. Raises `InputError` for an unknown one, `PolicyError` naming file, line, key for a broken one."""
    path = expectations / "rubrics" / f"{name}.yml"
    known = sorted(file.stem for file in path.parent.glob("*.yml"))
    if name not in known:
        raise InputError(f"no rubric {name!r} in expectations/rubrics", remedy=f"there are: {', '.join(known) or 'none yet'}")
    rubric = load_policy(path, Rubric)
    if rubric.name != name:
        raise PolicyError(
            f"{path}: name: {rubric.name!r} is not the file's name", remedy=f"write name: {name}, or rename the file"
        )
    return rubric


def load_rubrics(expectations: Path) -> dict[str, Rubric]:
    """All rubrics by name. A use case that two of them claim is refused: its items would be labelled twice."""
    found = {path.stem: load_rubric(expectations, path.stem) for path in sorted((expectations / "rubrics").glob("*.yml"))}
    owner: dict[str, str] = {}
    for name, rubric in found.items():
        for use_case in rubric.use_cases:
            if use_case in owner:
                where = expectations / "rubrics" / f"{name}.yml"
                raise PolicyError(
                    f"{where}: use_cases: {use_case} stands in {owner[use_case]}.yml as well", remedy="name it in one"
                )
            owner[use_case] = name
    return found
