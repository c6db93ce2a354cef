"""What is worth trying again, and what is not: an error that someone must mend fails a step at once."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import dagster as dg

from goldworks.errors import BusyError, GoldworksError, RefusedBySystemError

MAX_RETRIES = 2
WAIT_SECONDS = 30


@contextmanager
def retry_when_away(context: dg.AssetExecutionContext) -> Generator[None]:
    """For steps without a retry policy: wait and try again when a log folder on a network is away for a moment, or when
    another process holds the home. Nothing else is tried again.
    """
    try:
        yield
    except (OSError, BusyError, RefusedBySystemError) as error:
        what = error.what if isinstance(error, GoldworksError) else type(error).__name__  # a path's text may come from anywhere
        context.log.warning(f"{what}; the step tries again in {WAIT_SECONDS} s, {MAX_RETRIES} times at most")
        raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=WAIT_SECONDS) from error


@contextmanager
def no_retry_when_refused() -> Generator[None]:
    """For steps with a retry policy: a `GoldworksError` becomes a failure without retries, with its remedy; being busy passes."""
    try:
        yield
    except BusyError:
        raise
    except GoldworksError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
