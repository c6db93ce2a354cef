"""What someone at a terminal sees while a run goes on in this process: which step works on what, and what each took."""

import logging
import time
from typing import Any

import dagster as dg
from rich.console import Console
from rich.markup import escape
from rich.status import Status

LOGGER = "terminal"


def terminal_logger(console: Console, status: Status) -> dg.LoggerDefinition:
    """A logger for `Definitions(loggers={LOGGER: ...})` in place of Dagster's own, which prints every event."""

    def start(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger(LOGGER, logging.DEBUG)  # Dagster sends its own events as DEBUG
        logger.addHandler(_Steps(console, status))
        return logger

    return dg.LoggerDefinition(start, description="Steps and their times, for people at a terminal.")


class _Steps(logging.Handler):
    """Dagster attaches its event, or the message that an asset logged, to the records it sends."""

    def __init__(self, console: Console, status: Status) -> None:
        super().__init__()
        self.console, self.status = console, status
        self.started: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        event: Any = getattr(record, "dagster_event", None)
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        step = str(meta.get("step_key") or "")
        if event is None:
            self._said(record.levelno, step, str(meta.get("orig_message", "")))
        elif event.is_step_start:
            self.started[step] = time.monotonic()
            self.status.update(escape(_readable(step)))
        elif event.is_step_success or event.is_step_failure:
            seconds = time.monotonic() - self.started.get(step, time.monotonic())
            mark = "[green]done[/]  " if event.is_step_success else "[red]failed[/]"
            self.console.print(f"  {mark} {escape(_readable(step)):60} {seconds:6.1f} s")

    def _said(self, level: int, step: str, message: str) -> None:
        self.status.update(escape(f"{_readable(step)}: {message}"))
        if level >= logging.WARNING and not message.endswith("Not executing."):  # what follows from a failure already shown
            self.console.print(f"  [yellow]{escape(_readable(step))}[/]: {escape(message)}")


def _readable(step: str) -> str:
    """`logs__messages_data_contract` is how a check's step is called; the double underscore stands for the key's dot."""
    return step.replace("__", ".")
