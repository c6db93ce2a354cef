"""A model that is served on this machine while it is asked, by a program that a target's file names."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, cast

from goldworks.errors import GoldworksError, InputError
from goldworks.evaluation.plugins import load
from goldworks.evaluation.targets.addresses import checked_url

SERVER = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
"""Pattern of `package.module:function`."""


@contextmanager
def served(target: str, reference: str) -> Generator[str]:
    """What `reference` names serves a model while the block lasts; yields its base URL.

    It is called without arguments and gives a context manager whose value is the URL. Raises `InputError` when it cannot be
    imported, fails, or gives something else, and what of ours it raises itself.
    """
    with ExitStack() as held:
        try:
            made: Any = load(reference)()
            if not isinstance(made, AbstractContextManager):
                raise InputError(
                    f"target {target}: served_by: {reference} gives no context manager",
                    remedy="write a function with contextlib.contextmanager that yields the base URL",
                )
            url = str(held.enter_context(cast("AbstractContextManager[Any]", made)))
        except GoldworksError:
            raise
        except Exception as error:  # anybody's code
            raise InputError(f"target {target}: served_by: {reference} fails: {type(error).__name__}: {error}") from error
        try:
            address = checked_url(url)
        except ValueError as error:
            raise InputError(f"target {target}: served_by: the address that {reference} gives {error}") from None
        yield address
