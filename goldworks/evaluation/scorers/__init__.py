"""The scorers, one a file. A new one: write its file after the pattern of the others; it is found by lying here.

A suite may also name a scorer from elsewhere: `package.module:name` (a subclass of `Scorer`, or any function, see
`callable_scorer`), or the name of an entry point of the group `goldworks.scorers`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.evaluation import plugins
from goldworks.evaluation.offered import classes_in
from goldworks.evaluation.scorers.callable_scorer import CallableScorer
from goldworks.evaluation.scorers.protocol import Scorer
from goldworks.evaluation.sources import plugin_sources, sources_of
from goldworks.policies import Policy

GROUP = "goldworks.scorers"
"""Entry point group of scorers that installed packages bring."""

SCORERS: dict[str, type[Scorer]] = classes_in(__name__, __path__, Scorer)
"""Every scorer of Goldworks by the name that suites call it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a suite's `scorer:` means. `preset`: settings that the name itself decides."""

    scorer: type[Scorer]
    preset: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def settings(self, given: Mapping[str, Any]) -> Policy:
        """The complete settings. Raises pydantic's `ValidationError`."""
        return self.scorer.Settings.model_validate({**self.preset, **given})

    def make(self, given: Mapping[str, Any]) -> Scorer:
        """The scorer with these settings."""
        return self.scorer(self.settings(given))

    def digest(self, given: Mapping[str, Any], applies_to: Any = None) -> str:
        """Digest of source and settings; see `scorer_digest`."""
        return scorer_digest(self.scorer, {**self.preset, **given}, applies_to)


def choose(name: str) -> Choice:
    """The scorer that a suite calls `name`. Raises `InputError` when there is none, or what it names is none."""
    if name in SCORERS:
        return Choice(SCORERS[name])
    reference = plugins.reference_of(name, GROUP, SCORERS, "scorer")
    found = plugins.load(reference)
    if inspect.isclass(found) and issubclass(found, Scorer):
        if inspect.isabstract(found):
            raise InputError(f"{reference} is not complete", remedy="define `applies` and `score`")
        return Choice(found)
    if not callable(found):
        raise InputError(f"{reference} is no scorer", remedy="name a subclass of Scorer, or a function")
    return Choice(CallableScorer, {"function": reference})


def scorer_digest(scorer: type[Scorer], settings: Mapping[str, Any], applies_to: Any = None) -> str:
    """Digest of a scorer's source (its own file and those it uses that decide scores), its settings, and the code these name."""
    is_ours = scorer.__module__.startswith(f"{__name__}.")
    ready = scorer.Settings.model_validate(settings)
    return digest(
        {
            "sources": sources_of(scorer.__module__) if is_ours else plugin_sources(scorer.__module__),
            "plugins": {reference: plugin_sources(reference.partition(":")[0]) for reference in scorer.plugins(ready)},
            "content": scorer.content(ready),
            "settings": settings,
            "applies_to": applies_to,
        }
    )


__all__ = ["SCORERS", "Choice", "choose", "scorer_digest"]
