"""Digests of what is approved, where the policy itself says none: of the content that decides, not of how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from goldworks.digests import digest
from goldworks.evaluation.imports.writing import GIVEN
from goldworks.evaluation.quarantine import Quarantine
from goldworks.evaluation.suites import Suite
from goldworks.use_cases import Tier


def quarantine_digest(policy: Quarantine) -> str:
    """Of which cases are taken out, how long and how many may be, and what counts as flaky."""
    return digest(policy.model_dump(mode="json", exclude_defaults=True, exclude={"version"}))


def suite_digest(suite: Suite) -> str:
    """Of the metrics with their settings, and the cases that each is for."""
    return digest(suite.model_dump(mode="json", exclude_defaults=True, exclude={"version", "description"}))


def run_suite_digest(said: Mapping[str, Any]) -> str:
    """`suite_digest` of a suite as the configuration of a run has it, but for checks of another tool that an import added, which
    no gate can name; another one where it cannot be read any more.
    """
    ours = [one for one in said.get("metrics", ()) if not str(one.get("scorer", "")).startswith(GIVEN)]
    try:
        return suite_digest(Suite.model_validate({**said, "metrics": ours}))
    except ValidationError:
        return digest(dict(said))


def tier_digest(tier: Tier) -> str:
    """Of a use case's tier."""
    return digest({"tier": tier})
