"""Target kind `replay`: recorded conversations are replayed against a candidate, their tools answered from the recording.

A case of a whole conversation holds the recording in its messages, those of the assistant and of the tools included; how it is
replayed, `replay_session` says. The candidate is an endpoint or a Python function. Nothing here opens a connection of its own: a
function that opens none is replayed without any network.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field

from goldworks.errors import InputError
from goldworks.evaluation.answers import Question
from goldworks.evaluation.prices import Price
from goldworks.evaluation.scorers.conversation_turns import MOST_DIVERGING_RATE, Recording
from goldworks.evaluation.targets.callable_target import CallablePolicy, CallableTarget
from goldworks.evaluation.targets.http_json import HttpJsonPolicy, HttpJsonTarget
from goldworks.evaluation.targets.openai_chat import OpenAIChatPolicy, OpenAIChatTarget
from goldworks.evaluation.targets.protocol import Estimate, Limits, Session
from goldworks.evaluation.targets.replay_session import ReplaySession
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.policies import Policy

Candidate = CallableTarget | HttpJsonTarget | OpenAIChatTarget
CandidatePolicy = Annotated[CallablePolicy | OpenAIChatPolicy | HttpJsonPolicy, Field(discriminator="kind")]


class ReplayPolicy(Policy):
    """`expectations/targets/<name>.yml` of this kind. `candidate` is a target of kind callable, openai_chat or http_json.

    `history`: what the candidate is told of earlier turns. `recorded`: what was recorded, so that each message of the user fits
    what it answers; `own`: what the candidate itself said and called, and a divergence ends the conversation.
    """

    kind: Literal["replay"]
    candidate: CandidatePolicy
    history: Literal["recorded", "own"] = "recorded"
    most_steps: int = Field(default=20, ge=1, description="how often the candidate is asked in one turn, at most")
    most_diverging_rate: float = Field(
        default=MOST_DIVERGING_RATE,
        ge=0,
        le=1,
        description="share of conversations that may diverge before a run is inconclusive",
    )
    versions: dict[str, str] = Field(default_factory=dict, description="versions of prompt, model, retrieval, tools ...")
    limits: Limits | None = Field(default=None, description="instead of the candidate's own")


class ReplayTarget:
    """Recorded conversations put to a candidate."""

    kind = "replay"
    is_redacted = False
    is_fixed = False

    def __init__(self, name: str, policy: ReplayPolicy, candidate: Candidate | None = None) -> None:
        self.name = name
        self._policy = policy
        self._candidate = _candidate(name, policy.candidate) if candidate is None else candidate
        self.limits = policy.limits or self._candidate.limits
        self.price = None if isinstance(self._candidate, CallableTarget) else self._candidate.price
        if isinstance(self._candidate, OpenAIChatTarget):  # only what has an estimate is metered
            self.estimate = partial(_estimate, self._candidate)

    @property
    def model(self) -> str | None:
        """The candidate's model, None of a function."""
        return None if isinstance(self._candidate, CallableTarget) else self._candidate.model

    def at_url(self, base_url: str) -> ReplayTarget:
        """The same with its candidate at another address. Raises `InputError` for a candidate that has none."""
        if isinstance(self._candidate, CallableTarget):
            raise InputError(f"target {self.name} replays against a function and has no base URL", remedy="leave it out")
        return ReplayTarget(self.name, self._policy, self._candidate.at_url(base_url))

    def priced(self, price: Price | None) -> ReplayTarget:
        """The same, whose candidate's tokens cost `price` unless its own file says otherwise."""
        if isinstance(self._candidate, CallableTarget):
            return self
        return ReplayTarget(self.name, self._policy, self._candidate.priced(price))

    def prepare(self, lake: Lake, cases: Sequence[Case]) -> ReplayTarget:
        """Nothing to prepare: the recordings stand in the cases."""
        return self

    def configuration(self) -> dict[str, Any]:
        """The policy without limits, and the candidate's configuration."""
        candidate = {"kind": self._candidate.kind, **self._candidate.configuration()}
        return {**self._policy.model_dump(exclude={"limits", "candidate"}), "candidate": candidate}

    @asynccontextmanager
    async def open(self, limits: Limits) -> AsyncGenerator[Session]:
        """Open the candidate."""
        async with self._candidate.open(limits) as session:
            yield ReplaySession(session, self._policy.history, self._policy.most_steps)


def _estimate(candidate: OpenAIChatTarget, question: Question) -> Estimate:
    """Tokens of a conversation: what is read and at most written when the candidate is asked once a turn and once a call."""
    recording = Recording(question.messages)
    read, written = 0, 0
    for turn in range(len(recording.turns)):
        asked = (*recording.before(turn), *recording.asked(turn))
        once = candidate.estimate(msgspec.structs.replace(question, messages=tuple(dict(message) for message in asked)))
        times = 1 + sum(call.turn == turn for call in recording.calls)
        read, written = read + times * once.input_tokens, written + times * (once.output_tokens or 0)
    return Estimate(read, written or None)


def _candidate(name: str, policy: CandidatePolicy) -> Candidate:
    if isinstance(policy, CallablePolicy):
        return CallableTarget(name, policy)
    return OpenAIChatTarget(name, policy) if isinstance(policy, OpenAIChatPolicy) else HttpJsonTarget(name, policy)
