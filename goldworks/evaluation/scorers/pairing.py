"""Pairing expected calls with those that were made, as many as match, so that the order of calls cannot matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from goldworks.evaluation.answers import Call
from goldworks.golden.read import ExpectedCall


def paired(expected: Sequence[ExpectedCall], made: Sequence[Call], fits: Callable[[ExpectedCall, Call], bool]) -> dict[int, int]:
    """A maximum one-to-one matching (augmenting paths): index of the expected call -> index of the made one."""
    edges = [[j for j, call in enumerate(made) if fits(wanted, call)] for wanted in expected]
    taken: dict[int, int] = {}

    def place(i: int, seen: set[int]) -> bool:
        for j in edges[i]:
            if j not in seen:
                seen.add(j)
                if j not in taken or place(taken[j], seen):
                    taken[j] = i
                    return True
        return False

    for i in range(len(expected)):
        place(i, set())
    return {i: j for j, i in taken.items()}
