"""The log dialects that are recognised by their look. A new one: a module with `NAME`, `recognises`, `parse`, and its line here.

Mapped JSONL (`mapped`) is not among them: it is never guessed, a mapping names it.
"""

from __future__ import annotations

from typing import Any, Protocol

from goldworks.conversations import openai_chat, otlp
from goldworks.conversations.records import Turn


class Dialect(Protocol):
    """What a dialect's module offers."""

    @property
    def NAME(self) -> str:
        """The name under which it is asked for and stored."""
        ...

    def recognises(self, value: Any) -> bool:
        """Whether a decoded line looks like this dialect, sound or not."""
        ...

    def parse(self, line: bytes) -> tuple[Turn, ...]:
        """The turns of a line, at least one. Raises `damage.UnusableLine`."""
        ...


DIALECTS: tuple[Dialect, ...] = (otlp, openai_chat)
"""In the order they are tried."""
