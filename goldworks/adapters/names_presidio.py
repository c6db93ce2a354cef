"""Names by Presidio's analyzer: its recogniser of persons over an installed spaCy model, and none of its other recognisers.

Presidio would fetch a model that is not installed, and the list of public suffixes at the first e-mail. Here it is handed a
loaded model, and the recogniser of e-mails is not there.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from typing import Any

from goldworks.errors import PolicyError
from goldworks.redaction.model_files import package_folder
from goldworks.redaction.names import Place
from goldworks.redaction.policy import NameRules

_BATCH = 64
_LANGUAGE = "en"
"""What Presidio files the model under; it says nothing about the texts."""


class PresidioModel:
    """Where Presidio sees persons."""

    def __init__(self, rules: NameRules) -> None:
        assert rules.model is not None
        package_folder(rules.model, "names.model")
        self._model = rules.model
        self._nlp: Any = None
        self._batch: Any = None

    def __call__(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where names stand in each text."""
        if self._batch is None:
            self._nlp = _loaded(self._model)
            self._batch = _analyzer(self._model, self._nlp)
        with self._nlp.memory_zone():  # what the vocabulary learns from these texts goes again
            answers = self._batch.analyze_iterator(texts, language=_LANGUAGE, batch_size=_BATCH, entities=["PERSON"])
        return [[(one.start, one.end) for one in answer] for answer in answers]


def _loaded(model: str) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[W095\]")  # made for another minor version: measured under ours
        nlp = importlib.import_module(model).load(exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"])
    labels = nlp.get_pipe("ner").labels if nlp.has_pipe("ner") else ()
    if not {"PERSON", "PER"} & set(labels):
        has = f"it has {', '.join(labels)}" if labels else "it has none"
        raise PolicyError(f"names.model: {model} has no label for persons", remedy=f"name another model; {has}")
    return nlp


def _analyzer(model: str, nlp: Any) -> Any:
    from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    engine: Any = SpacyNlpEngine(models=[{"lang_code": _LANGUAGE, "model_name": model}])
    engine.nlp = {_LANGUAGE: nlp}
    recognizer = SpacyRecognizer(supported_language=_LANGUAGE, supported_entities=["PERSON"])
    registry = RecognizerRegistry(recognizers=[recognizer], supported_languages=[_LANGUAGE])
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[_LANGUAGE])
    return BatchAnalyzerEngine(analyzer)
