"""A field on its way through the layers: opened into its leaves, and closed again with what was placed in them."""

from __future__ import annotations

from collections.abc import Iterator

from goldworks.redaction.json_keys import KeyJudge
from goldworks.redaction.leaves import CannotRedact, Leaf, leaves, rebuilt
from goldworks.redaction.marks import Value
from goldworks.redaction.policy import Limits
from goldworks.redaction.records import Entity, Field, RedactedField
from goldworks.redaction.tokens import withheld

_PROSE_WORDS = 5


class OpenField:
    """A field and its leaves; with a `reason` it will be withheld, and what is found in it still goes everywhere."""

    __slots__ = ("field", "leaves", "reason")

    def __init__(self, field: Field, judge: KeyJudge, limits: Limits) -> None:
        self.field = field
        self.leaves: list[Leaf] = []
        self.reason: str | None = None
        try:
            self.leaves = leaves(field, judge, limits.depth, limits.field_characters)
        except CannotRedact as error:
            self.reason = error.reason

    def is_prose(self, leaf: Leaf) -> bool:
        """Whether names are looked for in a leaf of it: a text, or what has some words among JSON."""
        if not self.field.is_prose or leaf.kind != "text":
            return False
        return not isinstance(self.field.value, dict | list) or leaf.text.count(" ") >= _PROSE_WORDS - 1

    def closed(self) -> RedactedField:
        """The field as it may be stored."""
        one = self.field
        if self.reason is not None:
            return RedactedField(one.owner, one.name, withheld(self.reason), (), True)
        if not any(leaf.is_changed for leaf in self.leaves):
            return RedactedField(one.owner, one.name, one.value, ())
        entities = tuple(self._entities())
        return RedactedField(one.owner, one.name, rebuilt(one.value, iter(self.leaves)), entities)

    def _entities(self) -> Iterator[Entity]:
        shown: dict[tuple[str, ...], str] = {}
        for leaf in self.leaves:
            if leaf.kind == "key" and leaf.placed:
                shown[leaf.path] = leaf.text
            for placed in leaf.placed:
                path = [self.field.name]
                path += [shown.get(leaf.path[: depth + 1], part) for depth, part in enumerate(leaf.path)]
                name = ".".join(path) + ("#key" if leaf.kind == "key" else "")
                start, end = (0, 1) if leaf.kind == "number" else (placed.start, placed.end)
                value: Value = placed.value
                assert value.token is not None
                yield Entity(
                    self.field.owner, self.field.role, name, start, end, value.token, value.type, placed.rule, placed.layer,
                    placed.score, value.value_hash, value.variant_hashes, value.variant_words,
                )  # fmt: skip
