"""What is swapped in pairs, and the sentences it is swapped in: `expectations/pairs/swaps.yml`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from goldworks.evaluation.fairness import names
from goldworks.policies import Policy, load_policy

PLACE = re.compile(r"\{([a-z_]+)\}")
NAME = r"^[a-z][a-z0-9_]*$"


class Attribute(Policy):
    """Something that should make no difference. Each variant gives every word of the same set its own form."""

    name: str = Field(pattern=NAME)
    description: str
    variants: dict[str, dict[str, str]] = Field(min_length=2)

    @model_validator(mode="after")
    def _says_the_same_words(self) -> Self:
        keys = [frozenset(words) for words in self.variants.values()]
        if len(set(keys)) != 1:
            raise ValueError("every variant must give the same words")
        return self

    @property
    def words(self) -> frozenset[str]:
        """Places that the variants fill."""
        return frozenset(next(iter(self.variants.values())))


class Names(Policy):
    """The attribute `name`: groups of `names.GROUPS`, and how they are paired."""

    pairs: tuple[tuple[str, str], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _knows_its_groups(self) -> Self:
        unknown = sorted({group for pair in self.pairs for group in pair} - names.GROUPS.keys())
        if unknown:
            raise ValueError(f"no group {unknown[0]!r}; one of {', '.join(names.GROUPS)}")
        return self


class Frame(Policy):
    """A text around the question of a golden case, `{question}`, with the words of an attribute (or `{person}`, a name)."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    attribute: str
    text: str


class Swaps(Policy):
    """`swaps.yml`."""

    version: int = Field(ge=1)
    attributes: tuple[Attribute, ...]
    names: Names
    frames: tuple[Frame, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        words = {one.name: one.words for one in self.attributes} | {names.ATTRIBUTE: frozenset({"person"})}
        for index, frame in enumerate(self.frames):
            if frame.attribute not in words:
                raise ValueError(f"frames.{index}.attribute: no attribute {frame.attribute!r}; one of {', '.join(sorted(words))}")
            places = PLACE.findall(frame.text)
            unknown = sorted(set(places) - words[frame.attribute] - {"question"})
            if unknown:
                known = ", ".join(sorted(words[frame.attribute]))
                raise ValueError(f"frames.{index}.text: no word {{{unknown[0]}}} of {frame.attribute}; there are {known}")
            if places.count("question") != 1 or set(places) == {"question"}:
                raise ValueError(f"frames.{index}.text: must hold {{question}} once, and a word of {frame.attribute}")
        return self


def load_swaps(folder: Path) -> Swaps:
    """The swaps in a folder. Raises `PolicyError` naming file, line and key."""
    return load_policy(folder / "swaps.yml", Swaps)
