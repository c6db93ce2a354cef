"""Prompt templates of targets: Jinja2, sandboxed, compiled once. Text of cases is a value in them, never a template."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from goldworks.evaluation.answers import Question


@lru_cache(maxsize=64)
def template(source: str) -> Any:
    """A compiled template. Raises `ValueError` for what is none.

    Nothing is escaped: what is rendered is a prompt, not a page. A name that is not known is an error.
    """
    from jinja2 import StrictUndefined, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
    try:
        return environment.from_string(source)
    except TemplateSyntaxError as error:
        raise ValueError(f"not a template: line {error.lineno}: {error.message}") from None


def render(source: str, values: Mapping[str, Any]) -> str:
    """The template filled in."""
    return template(source).render(values)


def asked_of(question: Question) -> tuple[int | None, str]:
    """Where the last user message stands among the messages, and its text."""
    last = next((i for i in reversed(range(len(question.messages))) if question.messages[i]["role"] == "user"), None)
    return last, (question.messages[last].get("text") or "") if last is not None else ""


def prompted(question: Question, system: str | None, user: str | None) -> list[dict[str, Any]]:
    """The messages of a question with the target's own prompts in place of the case's system and last user message.

    What an attack has planted in the system message is planted behind the target's own: else there would be nothing to get.
    """
    messages = list(question.messages)
    if system is None and user is None:
        return messages
    last, asked = asked_of(question)
    values = {"passages": list(question.passages), "question": asked}
    if user is not None and last is not None:
        messages[last] = {**messages[last], "text": render(user, values)}
    if system is not None:
        rest = [message for message in messages if message["role"] != "system"]
        parts = [render(system, values), *([question.secret] if question.secret is not None else [])]
        messages = [{"role": "system", "text": "\n\n".join(parts)}, *rest]
    return messages
