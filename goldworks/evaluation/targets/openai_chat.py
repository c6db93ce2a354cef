"""Target kind `openai_chat`: any endpoint that speaks OpenAI's chat completions or responses. Prompts stand in its YAML."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Literal

import orjson
from pydantic import Field, field_validator

from goldworks.evaluation.answers import Question, Reply
from goldworks.evaluation.prices import Price
from goldworks.evaluation.targets import chat_completions, responses_api
from goldworks.evaluation.targets.addresses import VARIABLE, checked_url, reached_at, required_secret
from goldworks.evaluation.targets.chat_completions import ChatStream, chat_message
from goldworks.evaluation.targets.endpoint import Endpoint
from goldworks.evaluation.targets.http_session import HttpSession, Streaming, open_client
from goldworks.evaluation.targets.prompts import prompted, template
from goldworks.evaluation.targets.protocol import CHARACTERS_PER_TOKEN, Estimate, Limits, Session
from goldworks.evaluation.targets.responses_api import ResponseStream
from goldworks.evaluation.targets.serving import SERVER, LateSession, served
from goldworks.policies import Policy
from goldworks.settings import secret

ADDED_LATER = {"api": "chat", "stream": False, "json_schema": None}
"""Keys that files of an earlier release do not have, with what holds then: so they change no digest where they are not used."""

LONGEST_LINE = 8 << 20
"""Bytes of a line of a stream; the last event of a response holds all of it."""


class OpenAIChatPolicy(Policy):
    """`expectations/targets/<name>.yml` of this kind.

    `system` and `user` are Jinja2 templates (sandboxed). `system` replaces the case's own system message; `user` is put in
    place of the last user message. Both see `passages` (a list with `id` and `text`) and `question` (the last user message).
    Without `system` or `user` that mentions them, the passages are not shown to the model.
    `api_key_env` names the environment variable that holds the key; the key itself never stands in a file.
    `json_schema` makes the endpoint answer with JSON of that schema; `stream` records the time to the first token.

    `base_url` names the endpoint and is part of the run's configuration. Where it is reached today may differ (a tunnel, a
    free port): the variable that `base_url_env` names, or `at_url`, say so. They change no digest, so use them for the same
    model at another address only; another model, or another provider of it, is another target with a file of its own.
    `served_by` names a function that serves the model on this machine while a run asks it (see `serving`), from the first
    question on; it changes no digest either, and is left alone when an address is said in one of the other ways.
    """

    kind: Literal["openai_chat"]
    base_url: str
    base_url_env: str | None = Field(default=None, pattern=VARIABLE)
    served_by: str | None = Field(default=None, pattern=SERVER, description="package.module:function, a context manager")
    api: Literal["chat", "responses"] = Field(default="chat", description="chat completions, or responses")
    model: str
    api_key_env: str | None = Field(default=None, pattern=VARIABLE)
    system: str | None = None
    user: str | None = None
    temperature: float | None = Field(default=0.0, ge=0)
    max_tokens: int | None = Field(default=512, ge=1)
    send_seed: bool = True
    send_tools: bool = True
    stream: bool = False
    json_schema: dict[str, Any] | None = None
    extra: dict[str, Any] = Field(default_factory=dict, description="further keys of the request's body")
    prices: Price | None = Field(default=None, description="instead of what policies/prices.yml says of the model")
    versions: dict[str, str] = Field(default_factory=dict, description="versions of prompt, retrieval, tools ...")
    limits: Limits = Limits()

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return checked_url(value)

    @field_validator("system", "user")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            template(value)
        return value


class OpenAIChatTarget(Endpoint[OpenAIChatPolicy]):
    """An endpoint with a prompt."""

    kind = "openai_chat"

    def configuration(self) -> dict[str, Any]:
        """The policy without its limits and without where the endpoint is reached today; the key is only a name in it."""
        found = self._policy.model_dump(exclude={"limits", "base_url_env", "served_by"})
        return {key: value for key, value in found.items() if key not in ADDED_LATER or value != ADDED_LATER[key]}

    def estimate(self, question: Question) -> Estimate:
        """Tokens of a question: four characters each, and at most `max_tokens` of the answer."""
        return Estimate(len(orjson.dumps(body(self._policy, question))) // CHARACTERS_PER_TOKEN, self._policy.max_tokens)

    @asynccontextmanager
    async def open(self, limits: Limits) -> AsyncGenerator[Session]:
        """Open the connections; a model that is ours to serve is served, and connected, at the first question. Raises
        `InputError` when the key is not set.
        """
        policy = self._policy
        headers = {"Content-Type": "application/json"}
        if policy.api_key_env is not None:
            headers["Authorization"] = f"Bearer {required_secret(self.name, policy.api_key_env)}"
        path = responses_api.PATH if policy.api == "responses" else chat_completions.PATH
        size = LONGEST_LINE if policy.stream else 1 << 16
        async with AsyncExitStack() as held:

            async def connected(address: str | None) -> Session:
                url = reached_at(self.name, policy.base_url, policy.base_url_env, address).rstrip("/") + path
                client = await held.enter_async_context(open_client(headers, limits.concurrency, size))
                name = f"the endpoint of target {self.name}"
                return HttpSession(client, url, limits, _Exchange(policy), self.price, name=name)

            server = policy.served_by
            is_said = policy.base_url_env is not None and secret(policy.base_url_env) is not None
            if server is None or self._address is not None or is_said:
                yield await connected(self._address)
            else:
                yield LateSession(lambda: connected(held.enter_context(served(self.name, server))))


class _Exchange:
    """What a policy makes of a question, and of the endpoint's words."""

    def __init__(self, policy: OpenAIChatPolicy) -> None:
        self._policy = policy
        self._read = responses_api.read if policy.api == "responses" else chat_completions.read

    def request(self, question: Question) -> bytes:
        """The body of the request."""
        return orjson.dumps(body(self._policy, question))

    def read(self, raw: bytes) -> Reply:
        """The answer in a body."""
        return self._read(raw)

    def streaming(self) -> Streaming | None:
        """A reader of server-sent events, if the policy wants a stream."""
        if not self._policy.stream:
            return None
        return ResponseStream() if self._policy.api == "responses" else ChatStream()


def body(policy: OpenAIChatPolicy, question: Question) -> dict[str, Any]:
    """The request's JSON body."""
    messages = prompted(question, policy.system, policy.user)
    tools = list(question.tools) if policy.send_tools else []
    is_chat = policy.api == "chat"
    found: dict[str, Any] = {"model": policy.model}
    if is_chat:
        found |= chat_completions.request([chat_message(message) for message in messages], tools, policy.json_schema)
    else:
        found |= responses_api.request(messages, tools, policy.json_schema)
    if policy.temperature is not None:
        found["temperature"] = policy.temperature
    if policy.max_tokens is not None:
        found["max_tokens" if is_chat else "max_output_tokens"] = policy.max_tokens
    if policy.send_seed and is_chat:  # the responses API takes no seed
        found["seed"] = question.seed
    if policy.stream:
        found |= {"stream": True, "stream_options": {"include_usage": True}} if is_chat else {"stream": True}
    return {**found, **policy.extra}
