"""Scorer `divergence`: a replayed conversation keeps to what was recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.questions import question_of
from goldworks.evaluation.scorers.conversation_turns import MOST_DIVERGING_RATE, Recording, call_key
from goldworks.evaluation.scorers.counts import counted, place, with_counts
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Divergence(Scorer):
    """How far the calls of a replayed conversation are those of the recording; by `measure`:

    `none` (default): 1 when every call was recorded, else 0; `made`: the share of the calls made that were recorded; `recorded`:
    the share of the recorded calls, each counted once, that were made. Calls are the same by tool and canonical arguments.

    A candidate that calls otherwise may be as good or better: this says how far a replay can be trusted, not how good it is.

    - The case holds no whole conversation, or the answer is no replay: not applicable. No call was made: `made` is not
      applicable, `none` is 1.
    - The recording has no call: `recorded` is not applicable.
    """

    name = "divergence"

    class Settings(Policy):
        """What is measured."""

        measure: Literal["none", "made", "recorded"] = "none"

    def __init__(self, settings: Settings) -> None:
        self._measure = settings.measure

    def applies(self, case: Case) -> bool:
        """Whether the case holds a whole conversation: its last message is the assistant's."""
        return bool(case.messages) and case.messages[-1].role == "assistant"

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        if answer.outcome is None or not answer.outcome.turns:
            return not_applicable("the answer is no replay")
        if self._measure == "recorded":
            made = {call_key(call.name, call.arguments) for call in answer.tool_calls}
            recorded = Recording(question_of(case).messages).calls
            known = {call_key(call.name, call.arguments): call.name for call in recorded}
            return _share("recorded", [(place(name), key in made) for key, name in known.items()])
        count = len(answer.outcome.divergences)
        if self._measure == "none":
            return Score(float(not count), detail=f"{count} calls were not recorded")
        left = list(answer.outcome.divergences)
        judged: list[tuple[str, bool]] = []
        for call in answer.tool_calls:
            is_other = call.name in left
            if is_other:
                left.remove(call.name)
            judged.append((place(call.name), not is_other))
        return _share("made", judged)


def _share(of: str, judged: list[tuple[str, bool]]) -> Score:
    if not judged:
        return not_applicable(f"no call was {of}")
    good = sum(done for _, done in judged)
    return Score(good / len(judged), detail=with_counts(f"{good} of {len(judged)} calls {of}", counted(judged)))


def diverging(answers: Iterable[Answer]) -> tuple[int, int]:
    """(conversations with a call that was not recorded, conversations replayed) among the answers of a run."""
    replayed = [answer.outcome for answer in answers if answer.is_ok and answer.outcome is not None and answer.outcome.turns]
    return sum(bool(outcome.divergences) for outcome in replayed), len(replayed)


def is_too_far(count: int, replayed: int, most_rate: float = MOST_DIVERGING_RATE) -> bool:
    """Whether so many of the replayed conversations diverge that the run is inconclusive; never without a replay."""
    return replayed > 0 and count > most_rate * replayed
