"""`expectations/policies/publication.yml`: which text of conversations analysts get, and in which file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from goldworks.errors import PolicyError
from goldworks.policies import Policy, load_policy
from goldworks.tables import TABLES

Place = Literal["marts", "review"]


class PublicationPolicy(Policy):
    """Columns with text that are published, by table; see the comments of the file. What is not named is not published."""

    version: int = Field(ge=1)
    text: dict[str, dict[str, Place]]

    def columns(self, key: str, place: Place) -> tuple[str, ...]:
        """Text columns of a table that go to a file, in the table's order."""
        named = self.text.get(key, {})
        return tuple(name for name in TABLES[key].text_columns if named.get(name) == place)

    def tables(self, place: Place) -> list[str]:
        """Tables of which some text goes to a file."""
        return [key for key in sorted(self.text) if self.columns(key, place)]


NOTHING = PublicationPolicy(version=1, text={})
"""No text is published."""


def load_publication_policy(expectations: Path) -> PublicationPolicy:
    """The policy below the folder `expectations`. Raises `PolicyError`, also for a table or column that holds no text."""
    path = expectations / "policies" / "publication.yml"
    policy = load_policy(path, PublicationPolicy)
    with_text = {key: table.text_columns for key, table in TABLES.items() if table.text_columns}
    for key, columns in policy.text.items():
        if key not in with_text:
            raise PolicyError(f"{path}: text: no table {key!r} with text. Allowed: {', '.join(sorted(with_text))}")
        for column in columns:
            if column not in with_text[key]:
                raise PolicyError(f"{path}: text: {key} has no text in {column!r}. Allowed: {', '.join(with_text[key])}")
    return policy


def published_name(key: str) -> str:
    """What a table with text is called in a published file: `logs_messages`."""
    return key.replace(".", "_")
