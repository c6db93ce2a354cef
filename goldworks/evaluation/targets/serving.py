"""A model that is served on this machine while it is asked, by a program that a target's file names."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from goldworks.errors import InputError
from goldworks.evaluation.plugins import load
from goldworks.evaluation.targets.addresses import checked_url

SERVER = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
"""Pattern of `package.module:function`."""


@contextmanager
def served(target: str, reference: str) -> Generator[str]:
    """What `reference` names serves a model while the block lasts; yields its base URL.

    It is called without arguments and gives a context manager whose value is the URL. Raises `InputError` when it cannot be
    imported or gives something else, and what of ours it raises itself.
    """
    made: Any = load(reference)()
    if not isinstance(made, AbstractContextManager):
        raise InputError(
            f"target {target}: served_by: {reference} gives no context manager",
            remedy="write a function with contextlib.contextmanager that yields the base URL",
        )
    with made as url:
        try:
            address = checked_url(str(url))
        except ValueError as error:
            raise InputError(f"target {target}: served_by: the address that {reference} gives {error}") from None
        yield address
