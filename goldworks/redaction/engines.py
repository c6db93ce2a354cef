"""Which engine finds names: the policy says it, the setting can switch it off, and whoever wires an installation offers them.

spaCy is the one engine that is built in. The others are adapters; `Engines` carries them here, and into worker processes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from goldworks.errors import PolicyError
from goldworks.redaction.model_files import content_digest, package_folder
from goldworks.redaction.names import Names
from goldworks.redaction.names_cache import CachedNames, fingerprint
from goldworks.redaction.names_store import Store
from goldworks.redaction.people import SpacyNames
from goldworks.redaction.policy import NameRules


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of an installation. Both functions are importable by name: worker processes get them as such.

    `identify` gives the digest of the model that the rules name, without loading it, and raises `PolicyError` for what
    cannot work; its second argument is a folder for what it wants to remember. `open` makes the finder. `cache`: the folder
    in which answers are kept, or None.
    """

    identify: Callable[[NameRules, Path | None], str]
    open: Callable[[NameRules], Names]
    cache: Path | None = None


NamesSetting = Literal["off", "policy"] | Engines
"""`policy`: as the policy says, with the built-in engine alone and no cache on disk."""


def identity(rules: NameRules, setting: NamesSetting) -> str:
    """Who finds names, as part of the policy version: the engine and the beginning of its model's digest, or `no-names`.

    Raises `PolicyError` when the engine cannot work here: a model or a package is missing.
    """
    engines = _engines(setting)
    if engines is None or rules.engine == "off":
        return "no-names"
    return f"{rules.engine}-{engines.identify(rules, engines.cache)[:8]}"


def finder(rules: NameRules, setting: NamesSetting, key: bytes) -> Names | None:
    """Who finds names under these rules, or None. The model itself is loaded at the first text."""
    engines = _engines(setting)
    if engines is None or rules.engine == "off":
        return None
    names = engines.open(rules)
    if engines.cache is None:
        return names
    return CachedNames(names, Store(engines.cache), key, fingerprint(rules, identity(rules, setting)))


def spacy_identity(rules: NameRules, memo: Path | None) -> str:
    """The digest of an installed spaCy model's files."""
    assert rules.model is not None
    return content_digest(package_folder(rules.model, "names.model"), memo)


def _engines(setting: NamesSetting) -> Engines | None:
    if isinstance(setting, Engines):
        return setting
    return None if setting == "off" else _BUILT_IN


def _spacy_only(rules: NameRules) -> str:
    if rules.engine != "spacy" or rules.model is None:
        raise PolicyError(f"names.engine: {rules.engine} is not built in", remedy="pass the engines of the installation")
    return rules.model


def _identify(rules: NameRules, memo: Path | None) -> str:
    _spacy_only(rules)
    return spacy_identity(rules, memo)


def _open(rules: NameRules) -> Names:
    return SpacyNames(_spacy_only(rules), rules.not_names)


_BUILT_IN = Engines(_identify, _open)
