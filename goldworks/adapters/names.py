"""The engines that find names, by the name that the redaction policy gives them. Each loads its model at the first text."""

from __future__ import annotations

from pathlib import Path

from goldworks.redaction.engines import Engines, spacy_identity
from goldworks.redaction.model_files import content_digest
from goldworks.redaction.names import Names, Viewed
from goldworks.redaction.people import SpacyNames
from goldworks.redaction.policy import NameRules


def engines(cache: Path | None) -> Engines:
    """All engines, with the folder in which their answers are kept, if they are."""
    return Engines(identify, open_names, cache)


def identify(rules: NameRules, memo: Path | None) -> str:
    """Digest of the model that the rules name. Raises `PolicyError` for what can be seen to be missing or wrong."""
    if rules.path is None:
        return spacy_identity(rules, memo)
    open_names(rules)
    return content_digest(Path(rules.path), memo)


def open_names(rules: NameRules) -> Names:
    """The finder of the engine that the rules name. Raises `PolicyError` as `identify` does."""
    if rules.engine == "presidio":
        from goldworks.adapters.names_presidio import PresidioModel

        return Viewed(PresidioModel(rules), rules.not_names)
    if rules.engine == "token_classifier":
        from goldworks.adapters.names_onnx import TokenClassifier

        return Viewed(TokenClassifier(rules), rules.not_names)
    if rules.engine == "gliner":
        from goldworks.adapters.names_gliner import Gliner

        return Viewed(Gliner(rules), rules.not_names)
    assert rules.model is not None
    return SpacyNames(rules.model, rules.not_names)
