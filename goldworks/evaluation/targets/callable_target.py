"""Target kind `callable`: a Python function, sync or async, named as `package.module:function`.

The function takes a `Question` and returns a text or a `Reply`. A sync function runs in a thread; one that exceeds its
time limit is given up, but a thread cannot be stopped, so it should have limits of its own.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
from pydantic import Field

from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.evaluation.answers import NoAnswer, Question, Reply
from goldworks.evaluation.targets.protocol import Limits, Session, refuse_recording
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.policies import Policy


class CallablePolicy(Policy):
    """`expectations/targets/<name>.yml` of this kind. `settings` are passed on as keyword arguments."""

    kind: Literal["callable"]
    function: str = Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    settings: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    limits: Limits = Limits()


class CallableTarget:
    """A Python function as a target."""

    kind = "callable"
    is_redacted = False
    is_fixed = False

    def __init__(self, name: str, policy: CallablePolicy) -> None:
        self.name = name
        self.limits = policy.limits
        self._policy = policy

    def prepare(self, lake: Lake, cases: Sequence[Case]) -> CallableTarget:
        """Nothing to prepare: it can be asked anything."""
        return self

    def configuration(self) -> dict[str, Any]:
        """The policy and a digest of the function's module, so that changed code is another configuration."""
        module = inspect.getmodule(self._function())
        source = inspect.getsourcefile(module) if module else None
        code = Path(source).read_text(encoding="utf-8") if source else None
        return {**self._policy.model_dump(exclude={"limits"}), "source_digest": digest(code)}

    @asynccontextmanager
    async def open(self, limits: Limits) -> AsyncGenerator[Session]:
        """Import the function."""
        yield _Session(self._function(), self._policy.settings, limits)

    def _function(self) -> Callable[..., Any]:
        module, _, name = self._policy.function.partition(":")
        try:
            found = getattr(importlib.import_module(module), name, None)
        except ImportError as error:
            raise InputError(f"target {self.name}: cannot import {error.name or module}") from error
        if not callable(found):
            raise InputError(f"target {self.name}: {module} has no function {name}")
        return cast("Callable[..., Any]", found)


class _Session:
    covers_everything = True

    def __init__(self, function: Callable[..., Any], settings: dict[str, Any], limits: Limits) -> None:
        self._function = function
        self._settings = settings
        self._limits = limits

    def covers(self, question: Question) -> bool:
        """Everything."""
        return True

    async def ask(self, question: Question) -> Reply:
        """Call the function once: a program that fails is its own fault, and asking again would hide it."""
        refuse_recording(question)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(min(self._limits.attempt_seconds, self._limits.total_seconds)):
                if inspect.iscoroutinefunction(self._function):
                    said = await cast("Awaitable[Any]", self._function(question, **self._settings))
                else:
                    said = await asyncio.to_thread(self._function, question, **self._settings)
        except TimeoutError:
            raise NoAnswer("timeout") from None
        latency_ms = (time.perf_counter() - started) * 1000
        if not isinstance(said, str | Reply):
            raise NoAnswer(f"returned_{type(said).__name__}")
        reply = Reply(text=said) if isinstance(said, str) else said
        try:
            reply = msgspec.json.decode(msgspec.json.encode(reply), type=Reply)  # nobody checked what the function put into it
        except (msgspec.MsgspecError, TypeError, ValueError):
            raise NoAnswer("returned_no_json") from None
        return reply if reply.latency_ms is not None else msgspec.structs.replace(reply, latency_ms=latency_ms)
