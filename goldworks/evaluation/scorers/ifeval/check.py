"""What a check of an instruction is: its settings, named as IFEval names them, and whether a text follows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from goldworks.policies import Policy

Relation = Literal["less than", "at least"]


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of instruction. `follows(text, settings)` is None when it cannot be decided; the text is never empty."""

    Settings: type[Policy]
    follows: Callable[[str, Any], bool | None]


class NoSettings(Policy):
    """For instructions that have nothing to set."""


def compares(count: int, relation: Relation, wanted: int) -> bool:
    """`less than`: strictly fewer; `at least`: so many or more."""
    return count < wanted if relation == "less than" else count >= wanted
