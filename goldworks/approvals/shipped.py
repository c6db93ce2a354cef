"""States that come with Goldworks, by digest: they hold until somebody approves another state. They lie with the code, so that
who may write policies cannot add to them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field

from goldworks.approvals.policy import Subject
from goldworks.policies import Policy, load_policy

FILE = Path(__file__).with_name("shipped.yml")


class Shipped(Policy):
    """`shipped.yml`: by subject, then by name, the digest."""

    version: int = Field(ge=1)
    states: dict[Subject, dict[str, str]]


@cache
def shipped_states() -> Shipped:
    """The states. Raises `PolicyError`."""
    return load_policy(FILE, Shipped)
