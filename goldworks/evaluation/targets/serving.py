"""A model that is served on this machine while it is asked, by a program that a target's file names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, cast

from goldworks.errors import GoldworksError, InputError
from goldworks.evaluation.answers import Question, Reply
from goldworks.evaluation.plugins import load
from goldworks.evaluation.targets.addresses import checked_url
from goldworks.evaluation.targets.protocol import Session, refuse_recording

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


class LateSession:
    """A session that is opened by the first question: where every answer is there already, no model is served.

    Who opens it holds up the loop, so ctrl-C is heard when the model is there. What fails is not tried again.
    """

    covers_everything = True

    def __init__(self, opening: Callable[[], Awaitable[Session]]) -> None:
        self._opening = opening
        self._turn = asyncio.Lock()
        self._session: Session | None = None
        self._failure: GoldworksError | None = None

    def covers(self, question: Question) -> bool:
        """Everything."""
        return True

    async def ask(self, question: Question) -> Reply:
        """The answer of what is opened. Raises as `served` and that session do."""
        refuse_recording(question)
        return await (await self._opened()).ask(question)

    async def _opened(self) -> Session:
        async with self._turn:
            if self._failure is not None:
                raise self._failure
            if self._session is None:
                try:
                    self._session = await self._opening()
                except GoldworksError as error:
                    self._failure = error
                    raise
            return self._session
