"""Scorer `end_state`: the environment is afterwards as it should be."""

from __future__ import annotations

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.states import changes, state_digest
from goldworks.golden.read import Case


class EndState(Scorer):
    """1 when the state that the target tells is the expected one, else 0 (tau-bench's check).

    States are equal when their canonical JSON is: the order of keys does not matter, that of lists does; 2 and 2.0 are alike.
    What the assistant must also say stands in the case's required facts, which have a metric of their own.

    - The case expects no state: not applicable. Nor when the target tells no state: not every one has an environment.
    """

    name = "end_state"

    def applies(self, case: Case) -> bool:
        """See the class."""
        return case.expected.state is not None

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        state = answer.outcome.state if answer.outcome is not None else None
        if state is None:
            return not_applicable("the target tells no state")
        if state_digest(state) == state_digest(case.expected.state):
            return Score(1.0)
        return Score(0.0, detail=f"{len(changes(case.expected.state, state))} values differ")
