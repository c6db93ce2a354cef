"""Scorer `argument_grounding`: what the assistant puts into a call has been said before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from pydantic import Field

from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers.conversation_turns import turn_numbers
from goldworks.evaluation.scorers.counts import counted, place, with_counts
from goldworks.evaluation.scorers.evidence import Evidence, leaves
from goldworks.evaluation.scorers.protocol import Score, Scorer, not_applicable
from goldworks.evaluation.scorers.tool_names import plain_name
from goldworks.golden.case import CaseMessage
from goldworks.golden.read import Case
from goldworks.policies import Policy


class ArgumentGrounding(Scorer):
    """Arguments whose values are supported by the conversation so far, its passages, or the result of an earlier call; by `unit`:

    `argument` (default): the share of the judged arguments that are supported; `answer`: 1 when every one is, else 0.

    What supports a value, as a program can see it (English):
    - text: it stands there, without letter case and punctuation, or its initials do (`SF`), or one of its `synonyms`; else
      `least_words` of its content words do (default half), however inflected, misspelt (rapidfuzz ratio 80) or cut short. A word
      with a digit, as in an identifier, must stand there exactly
    - a number: in digits or in words (`two`, `a couple`); in a result only as a whole value, so that `2% milk` is no quantity.
      1 needs no word. With five digits or more it is an identifier, and its digits must stand there
    - a date (YYYY-MM-DD): its day, with or without the month, or its weekday, or a word such as `tomorrow`, since nobody knows
      here what day it is; a time (18:30): in digits or words, without am or pm either
    - a value of a declared enum that is not supported is judged only when another one of the enum is said: else it is the
      assistant's choice among what the tool offers
    - of an object or a list every single value; its keys are none

    Not judged: booleans, null, empty texts, `dontcare`, `any` and the like, a declared default, and the arguments in `not_judged`
    (`tool.argument`): what the assistant decides by itself. Arguments of earlier calls support nothing: else an invented value
    would support itself.

    - No call, or nothing to judge in any: not applicable.
    - Results of calls count as far as they are told (in the case's messages, or by the target in `Call.result`). A target that
      tells none is judged by the conversation alone, which condemns identifiers that came from results: leave it out.
    - Of a conversation that was replayed each call is held against what came before it.
    - It sees values from nowhere, not every wrong one: a value that was said about something else is supported.

    The detail counts, per tool and argument, what was supported of what was judged.
    """

    name = "argument_grounding"

    class Settings(Policy):
        """What is judged, and how strictly."""

        unit: Literal["argument", "answer"] = "argument"
        least_words: float = Field(default=0.5, gt=0, le=1)
        not_judged: tuple[str, ...] = ()
        synonyms: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._skipped = frozenset(settings.not_judged)

    def applies(self, case: Case) -> bool:
        """Whether the case has tools, or calls stand in its messages."""
        return bool(case.tools) or any(message.tool_calls for message in case.messages)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        judged = [(where, done) for _, where, done in self.judgments(case, answer)]
        if not judged:
            return not_applicable("no argument to judge")
        good = sum(done for _, done in judged)
        detail = with_counts(f"{good} of {len(judged)} arguments", counted(judged))
        return Score(float(good == len(judged)) if self._settings.unit == "answer" else good / len(judged), detail=detail)

    def judgments(self, case: Case, answer: Answer) -> Iterator[tuple[int, str, bool]]:
        """(0-based number of the call, `tool.argument`, whether it is supported) for each argument that can be judged."""
        schemas = {plain_name(tool.name): (tool.parameters or {}).get("properties") for tool in case.tools}
        evidence = Evidence(self._settings.least_words, self._settings.synonyms)
        turns = answer.outcome.turns if answer.outcome is not None else ()
        told = _Told(case, turns)
        for number, call in enumerate(answer.tool_calls):
            told.up_to(call.turn, evidence)
            for where, done in self._of(call, schemas.get(plain_name(call.name)), evidence):
                yield number, where, done
            evidence.tell_result(call.result)

    def _of(self, call: Call, properties: Any, evidence: Evidence) -> Iterator[tuple[str, bool]]:
        if not isinstance(call.arguments, Mapping):
            return
        declared = cast("Mapping[str, Any]", properties) if isinstance(properties, Mapping) else {}
        for name, value in cast("Mapping[str, Any]", call.arguments).items():
            if f"{call.name}.{name}" in self._skipped:
                continue
            schema = declared.get(name) if not isinstance(value, Mapping | list | tuple) else None
            single = [value] if schema is not None else list(leaves(value))
            found = [done for one in single if (done := evidence.supports(one, schema)) is not None]
            if found:
                yield place(call.name, name), all(found)


class _Told:
    """The case's conversation, told as far as a turn: all of it at once, unless the conversation was replayed."""

    def __init__(self, case: Case, turns: Sequence[str | None]) -> None:
        numbers = turn_numbers([message.role for message in case.messages])
        self._left = list(zip(case.messages, numbers, strict=True))
        self._turns = list(enumerate(turns))
        self._passages = [(passage.text or "", passage.turn) for passage in case.passages]
        self._is_replay = bool(turns)

    def up_to(self, turn: int, evidence: Evidence) -> None:
        """Tell what was said up to the user's messages of `turn`, and what the candidate said in the turns before."""
        while self._left and (not self._is_replay or self._is_before(turn, *self._left[0])):
            message, _ = self._left.pop(0)
            evidence.tell(message.text or "")
            evidence.tell_result(message.tool_result)
        for text, when in [one for one in self._passages if one[1] is None or not self._is_replay or one[1] <= turn]:
            evidence.tell(text)
            self._passages.remove((text, when))
        while self._turns and self._turns[0][0] < turn:
            evidence.tell(self._turns.pop(0)[1] or "")

    @staticmethod
    def _is_before(turn: int, message: CaseMessage, when: int) -> bool:
        return when < turn or (when == turn and message.role in ("user", "system"))
