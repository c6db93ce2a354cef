"""Where points, intervals and ticks of the plots on the choice's page stand. Points bear letters, for names may be long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from goldworks.statistics import Estimate

WIDTH, HEIGHT = 480, 320
LEFT, RIGHT, TOP, BOTTOM = 58, 18, 28, 48
LABEL_APART = 14


@dataclass(frozen=True, slots=True)
class Point:
    """A contender: its place in pixels, the ends of its intervals (None: none), and where its letter stands."""

    letter: str
    name: str
    is_on_front: bool
    x: float
    y: float
    across: tuple[float, float] | None
    upright: tuple[float, float] | None
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot: quality upwards, a price to the right. `ticks`: (place, what is written). `without`: letters of those that have
    no value and are not drawn.
    """

    title: str
    x_title: str
    y_title: str
    points: tuple[Point, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    without: tuple[str, ...]


def plot(
    title: str,
    x_title: str,
    y_title: str,
    rows: Sequence[tuple[str, str, bool, Estimate, Estimate]],
    unit: float = 1.0,
) -> Plot | None:
    """Rows (letter, name, on the front, x, y). `unit`: what x is multiplied by at the ticks. None when no row has both values."""
    drawn = [row for row in rows if row[3].value is not None and row[4].value is not None]
    if not drawn:
        return None
    xs, ys = _range([row[3] for row in drawn]), _range([row[4] for row in drawn], most=1.0)

    def right(value: float) -> float:
        return round(LEFT + (min(max(value, xs[0]), xs[1]) - xs[0]) / (xs[1] - xs[0]) * (WIDTH - LEFT - RIGHT), 1)

    def up(value: float) -> float:
        return round(HEIGHT - BOTTOM - (min(max(value, ys[0]), ys[1]) - ys[0]) / (ys[1] - ys[0]) * (HEIGHT - TOP - BOTTOM), 1)

    points: list[Point] = []
    for letter, name, is_on_front, x, y in drawn:
        at = right(x.value or 0.0), up(y.value or 0.0)
        label = [at[0] + 9, at[1] - 8]
        if label[0] > WIDTH - RIGHT - 8:
            label[0] = at[0] - 17
        while any(abs(one.label_x - label[0]) < LABEL_APART and abs(one.label_y - label[1]) < LABEL_APART for one in points):
            label[1] += LABEL_APART
        points.append(Point(letter, name, is_on_front, *at, _ends(x, right), _ends(y, up), *label))
    without = tuple(row[0] for row in rows if row not in drawn)
    x_ticks = tuple((right(tick), f"{unit * tick:,.6g}") for tick in ticks(*xs))
    y_ticks = tuple((up(tick), f"{tick:.3g}") for tick in ticks(*ys))
    return Plot(title, x_title, y_title, tuple(points), x_ticks, y_ticks, without)


def ticks(low: float, high: float, wanted: int = 7) -> list[float]:
    """About so many round numbers within the range: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / wanted
    power = 10.0 ** floor(log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    return [round(number * step, 12) for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def span(found: Estimate, low: float, high: float, width: float) -> dict[str, float] | None:
    """Places of an interval and its value on a bar of that width for low..high; None without an interval."""
    if found.value is None or found.low is None or found.high is None or high <= low:
        return None
    from_, at, to = (
        round((min(max(v, low), high) - low) / (high - low) * width, 1) for v in (found.low, found.value, found.high)
    )
    return {"from": from_, "at": at, "width": max(1.0, round(to - from_, 1))}


def _range(found: Sequence[Estimate], most: float | None = None) -> tuple[float, float]:
    """From the lowest end to the highest with a little room; not below 0, nor above `most`."""
    ends = [end for one in found for end in (one.low, one.value, one.high) if end is not None]
    low, high = min(ends), max(ends)
    room = (high - low) * 0.08 or abs(high) * 0.1 or 0.1
    return max(0.0, low - room), high + room if most is None else min(most, high + room)


def _ends(found: Estimate, place: Callable[[float], float]) -> tuple[float, float] | None:
    return None if found.low is None or found.high is None else (place(found.low), place(found.high))
