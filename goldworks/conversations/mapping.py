"""A mapping of any JSON line log onto turns, as policy: one JMESPath expression per field. Applying it is in `mapped`."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field

from goldworks.conversations.damage import UnusableLine
from goldworks.conversations.records import Role
from goldworks.policies import Policy, load_policy


@functools.lru_cache(maxsize=1024)
def compiled(expression: str) -> Any:
    """The compiled JMESPath expression."""
    return jmespath.compile(expression)


def evaluate(expression: str, value: Any, field: str) -> Any:
    """What `expression` finds in `value`. Raises `UnusableLine` naming `field` when a function does not fit its argument."""
    try:
        return compiled(expression).search(value)
    except RecursionError:
        raise UnusableLine("nested_too_deep", field) from None
    except (JMESPathError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
        # the library's message quotes the value it met, so only the field is told
        raise UnusableLine("wrong_types", f"{field}: the expression does not fit what stands here") from None


def _compiles(expression: str) -> str:
    try:
        compiled(expression)
    except (JMESPathError, ValueError) as error:
        position = cast("int | None", getattr(error, "lex_position", getattr(error, "lexer_position", None)))
        at = f" at character {position + 1}" if isinstance(position, int) else ""
        raise ValueError(f"not a JMESPath expression{at}: {expression!r}") from None
    return expression


Expression = Annotated[str, Field(min_length=1), AfterValidator(_compiles)]
"""A JMESPath expression; `a || b` takes the first that is there."""


class TurnFields(Policy):
    """Where the fields of a `Turn` stand, from the line's root. `chat_span_id` is the trace id when not given."""

    trace_id: Expression
    conversation_id: Expression
    chat_span_id: Expression | None = None
    service: Expression | None = None
    environment: Expression | None = None
    release: Expression | None = None
    prompt_version: Expression | None = None
    model: Expression | None = None
    provider: Expression | None = None
    retrieval_version: Expression | None = None
    tool_schema_version: Expression | None = None
    user_id: Expression | None = None
    session_id: Expression | None = None
    channel: Expression | None = None
    input_tokens: Expression | None = None
    output_tokens: Expression | None = None
    cost_usd: Expression | None = None
    finish_reason: Expression | None = None
    error_type: Expression | None = None


class TimeFields(Policy):
    """Start and end, and how they are written: ISO 8601, or a number since the epoch."""

    format: Literal["iso8601", "s", "ms", "us", "ns"] = "iso8601"
    started_at: Expression | None = None
    ended_at: Expression | None = None


class MessageFields(Policy):
    """Messages: `items` from the line's root finds them (a list, one message, or a text); the rest from each message.

    `items` may be JSON held as a text. A bare text is one message of `default_role`. `roles` says what the log calls the
    roles, beside the usual names.
    """

    items: Expression
    role: Expression = "role"
    text: Expression = "content"
    tool_calls: Expression = "tool_calls"
    call_id: Expression = "id"
    call_name: Expression = "function.name || name"
    call_arguments: Expression = "function.arguments || arguments || args"
    tool_call_id: Expression = "tool_call_id"
    tool_name: Expression = "name"
    roles: dict[str, Role] = Field(default_factory=dict[str, Role])
    default_role: Role = "user"


class PassageFields(Policy):
    """Retrieved passages: `items` and `query` from the line's root, the rest from each passage."""

    items: Expression
    query: Expression | None = None
    id: Expression = "id"
    score: Expression = "score"
    text: Expression = "content || text || page_content"


class FeedbackFields(Policy):
    """The user's feedback: a score in -1..1, a label such as `up`, a comment."""

    score: Expression | None = None
    label: Expression | None = None
    comment: Expression | None = None


class LogMapping(Policy):
    """A mapping file: `expectations/mappings/*.yml`.

    Lines for which `only_if` finds nothing, false or an empty value are no turns. `json_keys` are keys at the line's root
    whose value may be JSON held as a text; they are decoded before any expression is tried.
    """

    version: int = Field(ge=1)
    description: str = Field(min_length=1)
    json_keys: tuple[str, ...] = ()
    only_if: Expression | None = None
    turn: TurnFields
    times: TimeFields = TimeFields()
    history: MessageFields | None = None
    reply: MessageFields | None = None
    passages: PassageFields | None = None
    feedback: FeedbackFields | None = None

    def line_expressions(self) -> Iterator[tuple[str, str]]:
        """(field, expression) of every expression that starts at the line's root."""
        for group in (self.turn, self.times, self.feedback):
            if group is not None:
                for key in type(group).model_fields:
                    value = getattr(group, key)
                    if value is not None and key != "format":
                        yield key if group is not self.feedback else f"feedback.{key}", value
        for key, group in (("history", self.history), ("reply", self.reply), ("passages", self.passages)):
            if group is not None:
                yield f"{key}.items", group.items
        if self.passages is not None and self.passages.query is not None:
            yield "passages.query", self.passages.query


def load_mapping(path: str | Path) -> LogMapping:
    """The mapping file at `path`. Raises `PolicyError` naming file, line and key, also for a JMESPath that does not compile."""
    return load_policy(Path(path), LogMapping)
