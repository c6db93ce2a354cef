"""Target kind `http_json`: an assistant behind an HTTP endpoint of its own. The body it wants and where its answer stands in what
it gives back are in the YAML: a body with templates, and JMESPath expressions.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal, cast

import jmespath
import orjson
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field, field_validator

from goldworks.evaluation.answers import Call, Question, Reply
from goldworks.evaluation.prices import Price
from goldworks.evaluation.targets.addresses import VARIABLE, checked_url, reached_at, required_secret
from goldworks.evaluation.targets.chat_completions import call_of, count
from goldworks.evaluation.targets.endpoint import Endpoint
from goldworks.evaluation.targets.http_session import HttpSession, Streaming, Undecodable, open_client
from goldworks.evaluation.targets.prompts import asked_of, render, template
from goldworks.evaluation.targets.protocol import CHARACTERS_PER_TOKEN, Estimate, Limits, Session
from goldworks.policies import Policy

WHOLE = ("messages", "passages", "tools", "seed")
"""Values that a body may take as they are, as JSON: `{"$": "messages"}`."""

SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "api-key"})


def _expression(value: str) -> str:
    try:
        jmespath.compile(value)
    except JMESPathError as error:
        raise ValueError(f"not JMESPath: {str(error).splitlines()[0]}") from None
    return value


Expression = Annotated[str, AfterValidator(_expression)]


class Mapped(Policy):
    """Where things stand in the endpoint's answer: JMESPath over its JSON. What an expression does not find is absent.

    `text` gives a string (or a list of strings, which are joined); one of `text` and `tool_calls` must give something, else the
    body is no answer and is asked for again. `tool_calls` gives a list of objects with `name` and `arguments`; other names are
    mapped in the expression: `calls[].{name: tool, arguments: input}`. Tokens are whole numbers.
    """

    text: Expression
    tool_calls: Expression | None = None
    input_tokens: Expression | None = None
    output_tokens: Expression | None = None
    error: Expression | None = Field(default=None, description="when this finds something true, the body is no answer")


class HttpJsonPolicy(Policy):
    """`expectations/targets/<name>.yml` of this kind.

    `body` is any JSON; its strings are Jinja2 templates (sandboxed) that see `question` (the last user message), `passages`,
    `messages`, `case_id` and `seed`. `{"$": "messages"}` stands for all messages as JSON; so do passages, tools and seed.
    `headers` are sent as they stand; `headers_env` maps the name of a header to the environment variable that holds its value:
    keys and tokens never stand in a file.
    """

    kind: Literal["http_json"]
    url: str
    url_env: str | None = Field(default=None, pattern=VARIABLE, description="variable with the address it is reached at today")
    method: Literal["POST", "PUT"] = "POST"
    headers: dict[str, str] = Field(default_factory=dict)
    headers_env: dict[str, Annotated[str, Field(pattern=VARIABLE)]] = Field(default_factory=dict)
    body: dict[str, Any]
    answer: Mapped
    model: str | None = Field(default=None, description="the model behind it, as policies/prices.yml calls it")
    prices: Price | None = Field(default=None, description="instead of what policies/prices.yml says of the model")
    versions: dict[str, str] = Field(default_factory=dict, description="versions of prompt, model, retrieval, tools ...")
    limits: Limits = Limits()

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return checked_url(value)

    @field_validator("headers")
    @classmethod
    def _holds_no_secret(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if name.lower() in SECRET_HEADERS:
                raise ValueError(f"{name} belongs into headers_env, with the name of the variable that holds it")
        return value

    @field_validator("body")
    @classmethod
    def _compiles(cls, value: dict[str, Any]) -> dict[str, Any]:
        _check(value)
        return value


class HttpJsonTarget(Endpoint[HttpJsonPolicy]):
    """An endpoint with a body and an answer of its own form."""

    kind = "http_json"

    def configuration(self) -> dict[str, Any]:
        """The policy without its limits and without where the endpoint is reached today; keys are only names in it."""
        return self._policy.model_dump(exclude={"limits", "url_env"})

    def estimate(self, question: Question) -> Estimate:
        """Tokens of a question: four characters of the body each; what limits the answer is the endpoint's affair."""
        return Estimate(len(orjson.dumps(filled(self._policy.body, question))) // CHARACTERS_PER_TOKEN, None)

    @asynccontextmanager
    async def open(self, limits: Limits) -> AsyncGenerator[Session]:
        """Open the connections. Raises `InputError` when a key is not set."""
        policy = self._policy
        secrets = {header: required_secret(self.name, variable) for header, variable in policy.headers_env.items()}
        headers = {"Content-Type": "application/json", **policy.headers, **secrets}
        url = reached_at(self.name, policy.url, policy.url_env, self._address)
        async with open_client(headers, limits.concurrency) as client:
            name = f"the endpoint of target {self.name}"
            yield HttpSession(client, url, limits, _Exchange(policy), self.price, name=name, method=policy.method)


class _Exchange:
    """What a policy makes of a question, and of the endpoint's words."""

    def __init__(self, policy: HttpJsonPolicy) -> None:
        self._body = policy.body
        mapped = policy.answer
        self._text = jmespath.compile(mapped.text)
        self._calls = _compiled(mapped.tool_calls)
        self._tokens = _compiled(mapped.input_tokens), _compiled(mapped.output_tokens)
        self._error = _compiled(mapped.error)

    def request(self, question: Question) -> bytes:
        """The body of the request."""
        return orjson.dumps(filled(self._body, question))

    def read(self, raw: bytes) -> Reply:
        """The answer in a body. Raises `Undecodable` for one that is no JSON, says that it failed, or holds no answer."""
        try:
            decoded = orjson.loads(raw)
            if self._error is not None and self._error.search(decoded):
                raise Undecodable
            text, calls = _joined(self._text.search(decoded)), _calls(self._calls.search(decoded) if self._calls else None)
            read, written = (count(one.search(decoded)) if one is not None else None for one in self._tokens)
        except (orjson.JSONDecodeError, JMESPathError):
            raise Undecodable from None
        if text is None and not calls:
            raise Undecodable
        return Reply(text, calls, read, written)

    def streaming(self) -> Streaming | None:
        """Answers of this kind come whole."""
        return None


def filled(body: Any, question: Question) -> Any:
    """A body with the question in it."""
    whole: dict[str, Any] = {
        "messages": list(question.messages),
        "passages": list(question.passages),
        "tools": list(question.tools),
        "seed": question.seed,
    }
    return _filled(body, whole, {**whole, "question": asked_of(question)[1], "case_id": question.case_id})


def _filled(part: Any, whole: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    if isinstance(part, str):
        return render(part, values) if "{" in part else part
    if isinstance(part, dict):
        found = cast("dict[str, Any]", part)
        if set(found) == {"$"}:
            return whole[found["$"]]
        return {name: _filled(item, whole, values) for name, item in found.items()}
    if isinstance(part, list):
        return [_filled(item, whole, values) for item in cast("list[Any]", part)]
    return part


def _check(part: Any) -> None:
    """Raises `ValueError` for what `_filled` could not fill."""
    if isinstance(part, str):
        template(part)
    elif isinstance(part, dict):
        found = cast("dict[str, Any]", part)
        if set(found) == {"$"} and found["$"] not in WHOLE:
            raise ValueError(f"$: {found['$']!r} is not known; one of {', '.join(WHOLE)}")
        for item in () if set(found) == {"$"} else found.values():
            _check(item)
    elif isinstance(part, list):
        for item in cast("list[Any]", part):
            _check(item)


def _compiled(expression: str | None) -> Any:
    return jmespath.compile(expression) if expression is not None else None


def _joined(found: Any) -> str | None:
    if found is None or isinstance(found, str):
        return found
    if isinstance(found, list) and all(isinstance(one, str) for one in cast("list[Any]", found)):
        return "".join(cast("list[str]", found)) or None
    raise Undecodable


def _calls(found: Any) -> tuple[Call, ...]:
    if found is None:
        return ()
    calls = cast("list[Any]", found) if isinstance(found, list) else None
    if calls is None or not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in calls):
        raise Undecodable
    return tuple(call_of(one) for one in calls)
