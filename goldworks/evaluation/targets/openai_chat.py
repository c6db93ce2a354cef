"""Target kind `openai_chat`: any endpoint that speaks OpenAI's chat completions. Prompt and parameters stand in its YAML."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field, field_validator

from goldworks.errors import InputError
from goldworks.evaluation.answers import Question
from goldworks.evaluation.targets.http_session import HttpSession
from goldworks.evaluation.targets.protocol import Limits, Session
from goldworks.golden.read import Case
from goldworks.lake import Lake
from goldworks.policies import Policy
from goldworks.settings import secret

TEMPLATES = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
# Not escaped: what is rendered is a prompt, not a page. Text of cases is a value in it, never a template.


class Prices(Policy):
    """US dollars per million tokens."""

    input_usd_per_million: float = Field(ge=0)
    output_usd_per_million: float = Field(ge=0)


class OpenAIChatPolicy(Policy):
    """`expectations/targets/<name>.yml` of this kind.

    `system` and `user` are Jinja2 templates (sandboxed). `system` replaces the case's own system message; `user` is put in
    place of the last user message. Both see `passages` (a list with `id` and `text`) and `question` (the last user message).
    Without `system` or `user` that mentions them, the passages are not shown to the model.
    `api_key_env` names the environment variable that holds the key; the key itself never stands in a file.

    `base_url` names the endpoint and is part of the run's configuration. Where it is reached today may differ (a tunnel, a
    free port): the variable that `base_url_env` names, or `at_url`, say so. They change no digest, so use them for the same
    model at another address only; another model, or another provider of it, is another target with a file of its own.
    """

    kind: Literal["openai_chat"]
    base_url: str
    base_url_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    model: str
    api_key_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    system: str | None = None
    user: str | None = None
    temperature: float | None = Field(default=0.0, ge=0)
    max_tokens: int | None = Field(default=512, ge=1)
    send_seed: bool = True
    send_tools: bool = True
    extra: dict[str, Any] = Field(default_factory=dict, description="further keys of the request's body")
    prices: Prices | None = None
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
            try:
                TEMPLATES.from_string(value)
            except TemplateSyntaxError as error:
                raise ValueError(f"not a template: line {error.lineno}: {error.message}") from None
        return value


class OpenAIChatTarget:
    """An endpoint with a prompt."""

    kind = "openai_chat"
    is_redacted = False
    is_fixed = False

    def __init__(self, name: str, policy: OpenAIChatPolicy, address: str | None = None) -> None:
        self.name = name
        self.limits = policy.limits
        self._policy = policy
        self._address = address

    def at_url(self, base_url: str) -> OpenAIChatTarget:
        """The same endpoint, reached at another address. Its configuration, and so every digest, stays the same.

        Raises `InputError` for what is no plain http address.
        """
        try:
            return OpenAIChatTarget(self.name, self._policy, checked_url(base_url))
        except ValueError as error:
            raise InputError(f"target {self.name}: base URL: {error}") from None

    def prepare(self, lake: Lake, cases: Sequence[Case]) -> OpenAIChatTarget:
        """Nothing to prepare: it can be asked anything."""
        return self

    def configuration(self) -> dict[str, Any]:
        """The policy without its limits and without where the endpoint is reached today; the key is only a name in it."""
        return self._policy.model_dump(exclude={"limits", "base_url_env"})

    @asynccontextmanager
    async def open(self, limits: Limits) -> AsyncGenerator[Session]:
        """Open the connections. Raises `InputError` when the key is not set."""
        import aiohttp

        policy = self._policy
        headers: dict[str, str] = {}
        if policy.api_key_env is not None:
            key = secret(policy.api_key_env)
            if key is None:
                raise InputError(
                    f"target {self.name}: the environment variable {policy.api_key_env} is not set",
                    remedy=f"export {policy.api_key_env}=...",
                )
            headers["Authorization"] = f"Bearer {key}"
        timeout = aiohttp.ClientTimeout(total=limits.attempt_seconds)
        connector = aiohttp.TCPConnector(limit=limits.concurrency)
        async with aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector) as client:
            url = self._base_url().rstrip("/") + "/chat/completions"
            prices = (policy.prices.input_usd_per_million, policy.prices.output_usd_per_million) if policy.prices else None
            yield HttpSession(client, url, limits, lambda question: body(policy, question), prices)

    def _base_url(self) -> str:
        """Where the endpoint is reached: the address given, else the variable's, else the file's."""
        name = self._policy.base_url_env
        given = self._address or (secret(name) if name is not None else None)
        if given is None:
            return self._policy.base_url
        try:
            return checked_url(given)
        except ValueError as error:
            raise InputError(f"target {self.name}: {name}: {error}") from None


def checked_url(value: str) -> str:
    """`value` if it is a plain http(s) address. A user, password or query in it could be a secret, and addresses are stored.

    Raises `ValueError`, without the value.
    """
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("must hold no user, password, query or fragment; keys belong into the environment: api_key_env")
    return value


def body(policy: OpenAIChatPolicy, question: Question) -> dict[str, Any]:
    """The request's JSON body."""
    messages = [chat_message(message) for message in question.messages]
    last = next((i for i in reversed(range(len(messages))) if messages[i]["role"] == "user"), None)
    asked = messages[last]["content"] if last is not None else ""
    values = {"passages": list(question.passages), "question": asked or ""}
    if policy.user is not None and last is not None:
        messages[last] = {**messages[last], "content": TEMPLATES.from_string(policy.user).render(values)}
    if policy.system is not None:
        system = {"role": "system", "content": TEMPLATES.from_string(policy.system).render(values)}
        messages = [system, *(message for message in messages if message["role"] != "system")]
    found: dict[str, Any] = {"model": policy.model, "messages": messages}
    if policy.temperature is not None:
        found["temperature"] = policy.temperature
    if policy.max_tokens is not None:
        found["max_tokens"] = policy.max_tokens
    if policy.send_seed:
        found["seed"] = question.seed
    if policy.send_tools and question.tools:
        found["tools"] = [{"type": "function", "function": tool_of(tool)} for tool in question.tools]
    return {**found, **policy.extra}


def tool_of(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool as the API wants it; one whose parameters are unknown takes any object."""
    known = {key: value for key, value in tool.items() if key in ("name", "description") and value is not None}
    return {**known, "parameters": tool.get("parameters") or {"type": "object", "properties": {}, "additionalProperties": True}}


def chat_message(message: dict[str, Any]) -> dict[str, Any]:
    """A message of a case as the API wants it: calls and tool results become JSON strings."""
    from goldworks.digests import canonical

    found: dict[str, Any] = {"role": message["role"], "content": message.get("text")}
    if message["role"] == "tool":
        result = message.get("tool_result")
        text = message.get("text")
        found["content"] = text if text is not None else result if isinstance(result, str) else canonical(result).decode()
        found["tool_call_id"] = message.get("tool_call_id") or "call_0"
    if calls := message.get("tool_calls"):
        found["tool_calls"] = [
            {
                "id": call.get("id") or f"call_{i}",
                "type": "function",
                "function": {"name": call["name"], "arguments": canonical(call.get("arguments") or {}).decode()},
            }
            for i, call in enumerate(calls)
        ]
    return found
