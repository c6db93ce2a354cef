"""What a target is: something that answers questions. The runner knows targets only through these protocols."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

from pydantic import Field

from goldworks.errors import GoldworksError, InputError
from goldworks.evaluation.answers import Question, Reply
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.policies import Policy

CHARACTERS_PER_TOKEN = 4
"""What estimates before a run count with; the endpoint's own counts are what is recorded."""


class Limits(Policy):
    """Limits of one run. They decide how long it may take, not what is answered, so they are not part of its digest."""

    concurrency: int = Field(default=8, ge=1, le=512, description="questions in flight at a time, at most")
    attempt_seconds: float = Field(default=60, gt=0, description="time for one attempt")
    total_seconds: float = Field(default=180, gt=0, description="time for one question with all its attempts and waits")
    attempts: int = Field(default=5, ge=1, description="calls made for one question")
    unreachable_seconds: float = Field(default=30, gt=0, description="no connection for so long ends the run early")


class Unreachable(GoldworksError):
    """The target takes no connections at all; asking it more would only make more errors."""


class Estimate(NamedTuple):
    """Tokens that a question will take: those it is asked with, and at most those of its answer, None when unlimited."""

    input_tokens: int
    output_tokens: int | None


class Session(Protocol):
    """A target that is open for one run."""

    def covers(self, question: Question) -> bool:
        """Whether the target can be asked this at all; what is not covered is left out of the run and counted."""
        ...

    async def ask(self, question: Question) -> Reply:
        """The answer. Raises `NoAnswer` for an infrastructure error; any other exception becomes one, by its class."""
        ...


def refuse_recording(question: Question) -> None:
    """Raise `InputError` for a whole recorded conversation: who would go on after the assistant's last word answers nothing."""
    if question.is_recording:
        raise InputError(
            f"case {question.case_id} holds a whole conversation, down to the assistant's last word: there is nothing to answer",
            remedy="replay it: a target of kind replay, see docs/agents.md",
        )


def covers_everything(session: Session) -> bool:
    """Whether it says of itself, by an attribute of this name, that it can be asked anything: then nothing is looked at twice."""
    return getattr(session, "covers_everything", False)


class Prepared(Protocol):
    """A target that knows what it will be asked."""

    def configuration(self) -> dict[str, Any]:
        """Everything that decides its answers, for the run's digest; no secret."""
        ...

    def open(self, limits: Limits) -> AbstractAsyncContextManager[Session]:
        """Open it for a run."""
        ...


class Target(Protocol):
    """A configured target. `is_redacted`: its answers come from the lake and need no redaction."""

    @property
    def name(self) -> str:
        """Name of its file in `expectations/targets/`."""
        ...

    @property
    def kind(self) -> str:
        """Its kind: a name in `targets.KINDS`."""
        ...

    @property
    def is_redacted(self) -> bool:
        """Whether its answers are redacted already."""
        ...

    @property
    def is_fixed(self) -> bool:
        """Whether it gives the same answer each time it is asked, so that repeats make no sense."""
        ...

    @property
    def limits(self) -> Limits:
        """Its limits, unless the run says otherwise."""
        ...

    def prepare(self, lake: Lake, cases: Sequence[Case]) -> Prepared:
        """Look at what it will be asked. Asks nothing yet."""
        ...
