"""Scorer `label`: the class of a classification."""

from __future__ import annotations

from pydantic import Field

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.labels import Decision, detail_of, label_in
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Label(Scorer):
    """1 when the label that the answer gives is the expected one, else 0; the mean is the accuracy. See `labels.label_in`.

    `labels` are the classes; an expected label that is not among them counts as one more. Without `labels` only the expected
    one is known, and an answer says it or says nothing: then name them, or an answer that lists every class is right.

    - The case has no `label`: not applicable.
    - An answer from which no label can be read, an empty one too: 0; the confusion matrix has a column for it.
    - A label that names a class not in `labels` cannot be told from other words: no label.
    - The score's detail holds the decision; the aggregate `macro_f1` reads it there.
    """

    name = "label"

    class Settings(Policy):
        """The classes."""

        labels: tuple[str, ...] = Field(default=())

    def __init__(self, settings: Settings) -> None:
        self._labels = settings.labels

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool((case.expected.label or "").strip())

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        expected = case.expected.label or ""
        said = label_in(answer.text or "", [*dict.fromkeys([*self._labels, expected])])
        return Score(float(said == expected), detail=detail_of(Decision(expected, said)))
