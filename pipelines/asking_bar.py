"""What someone sees while a run asks: how far it is, how fast, what it has cost, how long it will take. On stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import rich.progress as bars
from rich.console import Console

from goldworks.evaluation.budget import Budget, Expected
from goldworks.evaluation.prices import PriceTable

SHOW_EVERY_SECONDS = 0.1
SAY_EVERY_SECONDS = 30.0
"""Where there is no terminal, a line now and then: a build's log shows that it goes on."""


@contextmanager
def asking_bar(
    doing: str, max_cost_usd: float | None, max_tokens: int | None, prices: PriceTable | None = None
) -> Generator[tuple[Budget, Callable[[int, int, int], None]]]:
    """A budget, and a progress that shows it. At a terminal what the run will take is said first; a bar vanishes at the end.

    `prices`: of judges.
    """
    console = Console(stderr=True)
    budget = Budget(max_cost_usd, max_tokens, prices=prices)

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    def on_estimate(expected: Expected) -> None:
        if (expected.calls or expected.judging) and (console.is_terminal or budget.is_capped):
            say(f"{doing}: {expected.in_words()}.")
            if budget.max_cost_usd is not None and expected.whole_cost_usd > budget.max_cost_usd:
                say(f"That may be more than the cap of ${budget.max_cost_usd:,.2f}; it stops there.")

    budget.on_estimate = on_estimate
    columns = (
        bars.TextColumn("  {task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[also]}"),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(doing, total=None, also="")
        started = shown = time.monotonic()
        first: int | None = None

        def progress(done: int, total: int, failed: int) -> None:
            nonlocal first, shown
            now = time.monotonic()
            first = done if first is None else first
            wait = SHOW_EVERY_SECONDS if console.is_terminal else SAY_EVERY_SECONDS
            if now - shown < wait and done < total:
                return
            shown = now
            also = in_words(done - first, now - started, failed, budget)
            if console.is_terminal:
                bar.update(task, completed=done, total=total, also=also)
            elif now - started >= SAY_EVERY_SECONDS:
                left = (total - done) * (now - started) / max(1, done - first)
                console.print(
                    f"{doing}: {done:,} of {total:,}, {also}, {left:.0f} s left", markup=False, highlight=False, soft_wrap=True
                )

        yield budget, progress


def in_words(came: int, seconds: float, failed: int, budget: Budget) -> str:
    """`12.5/s, $0.42, 3 failed`: answers a second, cost (tokens where no price is known), failures."""
    said = [f"{came / max(seconds, 1e-9):.3g}/s"]
    if budget.is_priced or budget.cost_usd:
        said.append(f"${budget.cost_usd:,.4g}")
    elif budget.tokens:
        said.append(f"{budget.tokens:,} tokens, price not known")
    return ", ".join([*said, *([f"{failed} failed"] if failed else [])])
