"""What is not worth trying again: errors that the user must mend fail a step at once, everything else may be retried."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import dagster as dg

from goldworks.errors import BusyError, GoldworksError


@contextmanager
def no_retry_when_refused() -> Generator[None]:
    """A `GoldworksError` becomes a failure without retries, with its remedy; being busy passes, so that is retried."""
    try:
        yield
    except BusyError:
        raise
    except GoldworksError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
