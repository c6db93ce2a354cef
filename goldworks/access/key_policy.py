"""`expectations/policies/keys.yml` as a frozen model."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from goldworks.policies import Policy, load_policy


class KeyPolicy(Policy):
    """What a rotation does to joins, and whether there is a vault: see the comments of the file."""

    version: int = Field(ge=1)
    joins_across_rotation: Literal["keep", "cut"]
    vault: bool


def load_key_policy(expectations: Path) -> KeyPolicy:
    """The policy below the folder `expectations`."""
    return load_policy(expectations / "policies" / "keys.yml", KeyPolicy)
