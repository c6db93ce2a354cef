"""Exit codes of commands whose result is a verdict: what is broken is neither a pass nor a fail."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

import typer

from goldworks.errors import GoldworksError, place_of

PASSED, FAILED, INCONCLUSIVE, BROKEN = 0, 1, 3, 4
"""2 is wrong usage."""


@contextmanager
def broken_is_4() -> Generator[None]:
    """What keeps a verdict from being made is neither a pass nor a fail: exit code 4."""
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except (GoldworksError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(BROKEN) from None
    except Exception as error:
        sys.stderr.write(f"no verdict: {type(error).__name__} at {place_of(error)}. This is a fault of Goldworks.\n")
        raise typer.Exit(BROKEN) from None
