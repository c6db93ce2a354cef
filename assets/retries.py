"""What is worth trying again: what may be gone by itself in a moment. Errors that someone must mend fail at once."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import dagster as dg

from goldworks.errors import BusyError

MAX_RETRIES = 2
WAIT_SECONDS = 30


@contextmanager
def retry_when_away(context: dg.AssetExecutionContext) -> Generator[None]:
    """A log folder on a network may be away for a moment, and another process may hold the home: the step waits, then tries again."""
    try:
        yield
    except (OSError, BusyError) as error:
        what = error.what if isinstance(error, BusyError) else type(error).__name__  # a path's text may come from anywhere
        context.log.warning(f"{what}; the step tries again in {WAIT_SECONDS} s, {MAX_RETRIES} times at most")
        raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=WAIT_SECONDS) from error
