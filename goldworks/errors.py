"""The errors a user is meant to read: each says what is wrong, where, and what to do. Anything else is a bug."""

from __future__ import annotations

import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class GoldworksError(Exception):
    """An error with a remedy. `str(error)` is complete: what, where (file, line, key), and the way out."""

    def __init__(self, what: str, *, remedy: str | None = None) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(what if remedy is None else f"{what}\n  To mend it: {remedy}")


class PolicyError(GoldworksError):
    """A YAML file in `expectations/` that cannot be used."""


class InputError(GoldworksError):
    """Something the user named (file, version, run, URL) that is absent or unusable."""


class BusyError(GoldworksError):
    """Another process holds what this one needs."""


class RefusedBySystemError(GoldworksError):
    """What the operating system or the network refused while a block was shielded; it may pass."""


@contextmanager
def shielded(doing: str) -> Generator[None]:
    """Run a block that holds raw text: an unexpected error leaves it without its message, which may quote that text.

    What is kept: the class, and the line of ours it came from; of the operating system's errors also what it says.
    """
    try:
        yield
    except GoldworksError:
        raise
    except OSError as error:
        raise RefusedBySystemError(
            f"{doing}: {error.strerror or type(error).__name__}",  # not the file: a log file's name may be personal itself
            remedy="mend that (room on the disk, rights, the network) and run it again; what was finished is kept",
        ) from None
    except Exception as error:
        raise GoldworksError(
            f"{doing}: {type(error).__name__} at {place_of(error)}",
            remedy="report this line: it is a fault of Goldworks. Its message is withheld, for it may hold text of the logs",
        ) from None


def place_of(error: BaseException) -> str:
    """`<file>:<line>` of the innermost frame of this package, else of the innermost at all."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(Path(__file__).parent)] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "an unknown place"
