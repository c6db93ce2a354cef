"""Stratified drawing, as a pure function: which of the items are taken.

Every cell of the crossing of strata gives its share of the sample, rounded up or down by a seeded coin, so that many small cells
together are drawn as often as they occur. An item's rank in its cell depends on hashes only. More data therefore change few of
those that are drawn: about as many, in proportion, as were added.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec


class Item(msgspec.Struct, frozen=True):
    """Something to draw: `values` is its value of each stratum, `is_fixed` that it is in the sample already."""

    item_id: str
    values: tuple[str, ...]
    is_fixed: bool = False


def draw_order(salt: str, item_id: str) -> str:
    """Sort key of an item in the order of drawing; another salt gives another order."""
    return hashlib.sha256(f"{salt}|{item_id}".encode()).hexdigest()


def draw(items: Sequence[Item], size: int, floor: int, salt: str) -> list[Item]:
    """`size` of the items (all, if there are fewer), in the order of drawing.

    The fixed ones come first, even when they are more than `size`. Then every single value of each stratum gets `floor` items
    or all it has, rarest value first, as long as `size` allows. The rest is proportional over the crossing of the strata.
    Item ids must be distinct; the order in which items are given does not matter.
    """
    ordered = sorted(items, key=lambda item: (not item.is_fixed, draw_order(salt, item.item_id)))
    taken = {item.item_id for item in ordered if item.is_fixed}
    _take_floors(ordered, taken, size, floor)
    priority = _priorities(ordered, salt)
    for item in sorted(ordered, key=lambda item: priority[item.item_id]):
        if len(taken) >= size:
            break
        taken.add(item.item_id)
    return [item for item in ordered if item.item_id in taken]


def _take_floors(ordered: Sequence[Item], taken: set[str], size: int, floor: int) -> None:
    with_value: dict[tuple[int, str], list[Item]] = defaultdict(list)
    for item in ordered:
        for stratum, value in enumerate(item.values):
            with_value[stratum, value].append(item)
    for found in sorted(with_value.items(), key=lambda found: (len(found[1]), found[0])):
        missing = floor - sum(item.item_id in taken for item in found[1])
        for item in found[1]:
            if missing <= 0 or len(taken) >= size:
                break
            if item.item_id not in taken:
                taken.add(item.item_id)
                missing -= 1


def _priorities(ordered: Sequence[Item], salt: str) -> dict[str, tuple[float, str]]:
    """(rank + u) / n for each item of a cell of n, u in [0, 1) from the cell's hash: the smallest are taken.

    A bound b on these takes about b * n of each cell. Ties are broken by the order of drawing.
    """
    sizes = Counter(item.values for item in ordered)
    start = {cell: int(draw_order(salt, repr(cell))[:13], 16) / 16**13 for cell in sizes}
    ranks: Counter[tuple[str, ...]] = Counter()
    priority: dict[str, tuple[float, str]] = {}
    for item in ordered:
        cell = item.values
        priority[item.item_id] = ((ranks[cell] + start[cell]) / sizes[cell], draw_order(salt, item.item_id))
        ranks[cell] += 1
    return priority
