"""The aggregates, one a file: numbers of a whole run. A new one is found by lying here, as scorers are.

A suite may also name `package.module:Name` (a subclass of `Aggregate`), or an entry point of the group `goldworks.aggregates`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.evaluation import plugins
from goldworks.evaluation.aggregates.protocol import Aggregate
from goldworks.evaluation.offered import classes_in
from goldworks.evaluation.sources import plugin_sources, sources_of

GROUP = "goldworks.aggregates"
"""Entry point group of aggregates that installed packages bring."""

AGGREGATES: dict[str, type[Aggregate]] = classes_in(__name__, __path__, Aggregate)
"""Every aggregate of Goldworks by the name that suites call it."""


def choose(name: str) -> type[Aggregate]:
    """The aggregate that a suite calls `name`. Raises `InputError` when there is none, or what it names is none."""
    if name in AGGREGATES:
        return AGGREGATES[name]
    reference = plugins.reference_of(name, GROUP, AGGREGATES, "aggregate")
    found = plugins.load(reference)
    if not (inspect.isclass(found) and issubclass(found, Aggregate)) or inspect.isabstract(found):
        raise InputError(f"{reference} is no aggregate", remedy="name a subclass of Aggregate that defines `over`")
    return found


def aggregate_digest(aggregate: type[Aggregate], settings: Mapping[str, Any], of: str) -> str:
    """Digest of an aggregate's source and settings, and of what it aggregates: `of`, the digest of that metric's scorer."""
    is_ours = aggregate.__module__.startswith(f"{__name__}.")
    sources = sources_of(aggregate.__module__) if is_ours else plugin_sources(aggregate.__module__)
    return digest({"sources": sources, "settings": settings, "of": of})


__all__ = ["AGGREGATES", "aggregate_digest", "choose"]
