"""Scorer `embedding`: nearness of answer and reference in the vectors of a model of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from pydantic import Field, field_validator

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.embedders import check, embedder, files_digest
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Embedding(Scorer):
    """Cosine of the sentence embeddings of answer and reference; below 0 it is 0.

    `model` is a local folder: a model2vec model (`model.safetensors`), or a network in ONNX form (`model.onnx`), each with its
    `tokenizer.json`. It needs the extra `models`. The digest covers the model's files. What a value means depends on the model:
    compare it with itself only. Nearness is no agreement: `opens at nine` and `opens at ten` are near.

    - No reference, or one of white space: not applicable.
    - An empty answer: 0. So is one of which the model knows no word.
    - A folder without a model, or packages that are absent: the suite is refused, and told what to do.
    """

    name = "embedding"

    class Settings(Policy):
        """The model's folder."""

        model: str = Field(min_length=1)

        @field_validator("model")
        @classmethod
        def _can_be_used(cls, value: str) -> str:
            return check(value)

    def __init__(self, settings: Settings) -> None:
        self._model = settings.model

    @classmethod
    def content(cls, settings: Settings) -> dict[str, str]:
        """Digest of the model's files."""
        return {"model": files_digest(settings.model)}

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool((case.expected.reference or "").strip())

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        return self.score_all([(case, answer)])[0]

    def score_all(self, pairs: Sequence[tuple[Case, Answer]]) -> Sequence[Score]:
        """All texts of the pairs at once, each once."""
        texts = [(case.expected.reference or "", answer.text or "") for case, answer in pairs]
        places = {
            text: place for place, text in enumerate(dict.fromkeys(text for pair in texts for text in pair if text.strip()))
        }
        vectors = self._embed(list(places)) if places else None
        found: list[Score] = []
        for reference, text in texts:
            if vectors is None or text not in places:
                found.append(Score(0.0, detail="empty answer"))
                continue
            cosine = float(vectors[places[reference]] @ vectors[places[text]])
            found.append(Score(min(1.0, max(0.0, cosine))))
        return found

    @cached_property
    def _embed(self) -> Any:
        return embedder(self._model)
