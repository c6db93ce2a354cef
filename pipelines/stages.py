"""Stages of a long command: each is announced, timed, and leaves a line; long counts get a bar while they go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import rich.progress as bars
from rich.console import Console

Progress = Callable[[int, int, int], None]
"""Called with (done, of how many, of the done ones failed)."""


@dataclass(slots=True)
class Stages:
    """The stages so far. Shown on stderr, so that stdout holds the result alone."""

    console: Console = field(default_factory=lambda: Console(stderr=True))
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Announce `name`; when it ended well, say and keep its seconds."""
        started = time.monotonic()
        self.console.print(f"[bold]{name}[/] ...")
        yield
        self.seconds[name] = round(time.monotonic() - started, 1)
        self.console.print(f"[bold]{name}[/] [green]done[/] in {self.seconds[name]:.1f} s")

    @contextmanager
    def progress(self, doing: str) -> Generator[Progress]:
        """A bar that vanishes at the end."""
        columns = bars.TextColumn("  {task.description}"), bars.BarColumn(), bars.MofNCompleteColumn(), bars.TimeRemainingColumn()
        with bars.Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as bar:
            task = bar.add_task(doing, total=None)

            def on_progress(done: int, total: int, failed: int) -> None:
                bar.update(task, completed=done, total=total, description=f"{doing} ({failed} failed)" if failed else doing)

            yield on_progress
