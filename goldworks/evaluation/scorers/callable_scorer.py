"""Scorer `callable`: any function of (question, answer, contexts, reference) as a scorer, such as a metric of another library."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from pydantic import Field, field_validator, model_validator

from goldworks.errors import InputError
from goldworks.evaluation.answers import Answer
from goldworks.evaluation.plugins import load
from goldworks.evaluation.scorers.passages import passages_of, question_text
from goldworks.evaluation.scorers.protocol import SCORER_ERROR, Score, Scorer, not_applicable
from goldworks.golden.read import Case
from goldworks.policies import Policy

GIVEN = ("question", "answer", "contexts", "reference")


class CallableScorer(Scorer):
    """What the function `package.module:name` returns: a number, a bool, a `Score`, or None for not applicable.

    It is called with keywords, of those below the ones it has parameters for: `question` (text of the last user message),
    `answer` (text), `contexts` (texts of the passages that the target fetched, else of the case), `reference` (text). `arguments`
    are passed on as they are. An async function is awaited, `concurrency` of them at a time.

    - A parameter without a default is needed: no reference in the case, no passage with text, or no text of the answer (it
      only calls tools) is not applicable. A parameter with a default is left out when there is nothing to give.
    - An empty answer is given as "".
    - `low` and `high` are the ends of the function's scale, carried to 0..1 in a straight line; `lower_is_better: true` turns it
      round. A value outside the scale, or one that is no number, is `scorer_error`, as is an exception: never 0.
    - The digest covers the source of the function's module, what that imports of its own package, and the versions of the
      other packages it imports.
    """

    name = "callable"

    class Settings(Policy):
        """Which function, and how its numbers are read."""

        function: str
        arguments: dict[str, Any] = Field(default_factory=dict)
        low: float = 0.0
        high: float = 1.0
        lower_is_better: bool = False
        concurrency: int = Field(default=8, ge=1, le=128)

        @field_validator("function")
        @classmethod
        def _can_be_called(cls, value: str) -> str:
            try:
                function = load(value)
            except InputError as error:
                raise ValueError(str(error)) from None
            if not callable(function):
                raise ValueError(f"{value} cannot be called")
            return value

        @model_validator(mode="after")
        def _has_what_it_needs(self) -> CallableScorer.Settings:
            if not self.low < self.high:
                raise ValueError("low must be less than high")
            names, needed, takes_all = parameters(load(self.function))
            unknown = needed - {*GIVEN, *self.arguments}
            if unknown:
                raise ValueError(
                    f"{self.function} needs {', '.join(sorted(unknown))}: set them in `arguments`; "
                    f"what a case gives are {', '.join(GIVEN)}"
                )
            extra = set() if takes_all else self.arguments.keys() - names
            if extra:
                raise ValueError(f"{self.function} takes no {', '.join(sorted(extra))}")
            return self

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._function: Callable[..., Any] = load(settings.function)
        names, needed, takes_all = parameters(self._function)
        self._names = (set(GIVEN) if takes_all else names & set(GIVEN)) - settings.arguments.keys()
        self._needed = needed & self._names

    @classmethod
    def plugins(cls, settings: Settings) -> tuple[str, ...]:
        """The function."""
        return (settings.function,)

    def applies(self, case: Case) -> bool:
        """See the class."""
        return "reference" not in self._needed or bool((case.expected.reference or "").strip())

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        return self.score_all([(case, answer)])[0]

    def score_all(self, pairs: Sequence[tuple[Case, Answer]]) -> Sequence[Score]:
        """One after the other, or several at a time when the function is async."""
        given = [self._given(case, answer) for case, answer in pairs]
        if inspect.iscoroutinefunction(self._function):
            with ThreadPoolExecutor(1) as thread:  # there may be an event loop in this one
                return thread.submit(asyncio.run, self._await_all(given)).result()
        return [self._call(values) for values in given]

    def _given(self, case: Case, answer: Answer) -> dict[str, Any] | str:
        """Keyword arguments, or why there is nothing to measure."""
        contexts = [passage.text for passage in passages_of(case, answer) if passage.text]
        values = {
            "question": question_text(case),
            "answer": answer.text if answer.text is not None or answer.tool_calls else "",
            "contexts": contexts or None,
            "reference": (case.expected.reference or "").strip() or None,
        }
        lacking = sorted(name for name in self._needed if values[name] is None)
        if lacking:
            return f"there is no {', '.join(lacking)}"
        return {name: values[name] for name in self._names if values[name] is not None}

    def _call(self, given: dict[str, Any] | str) -> Score:
        if isinstance(given, str):
            return not_applicable(given)
        try:
            return self._read(self._function(**given, **self._settings.arguments))
        except Exception as error:  # anybody's code; its failure is counted as missing, and its class shown
            return Score(None, SCORER_ERROR, type(error).__name__)

    async def _await_all(self, given: Sequence[dict[str, Any] | str]) -> list[Score]:
        places = asyncio.Semaphore(self._settings.concurrency)

        async def one(values: dict[str, Any] | str) -> Score:
            if isinstance(values, str):
                return not_applicable(values)
            async with places:
                try:
                    return self._read(await cast("Awaitable[Any]", self._function(**values, **self._settings.arguments)))
                except Exception as error:  # as in `_call`
                    return Score(None, SCORER_ERROR, type(error).__name__)

        return list(await asyncio.gather(*map(one, given)))

    def _read(self, said: Any) -> Score:
        if isinstance(said, Score):
            return said
        if said is None:
            return not_applicable("the function gave no value")
        if isinstance(said, str | bytes):
            return Score(None, SCORER_ERROR, f"returned {type(said).__name__}")
        low, high = self._settings.low, self._settings.high
        value = float(said)
        if not low <= value <= high:
            return Score(None, SCORER_ERROR, f"value outside {low:g}..{high:g}")
        share = (value - low) / (high - low)
        return Score(1 - share if self._settings.lower_is_better else share)


def parameters(function: Callable[..., Any]) -> tuple[set[str], set[str], bool]:
    """Names that a function takes by keyword, those without a default, and whether it takes any (`**`)."""
    names: set[str] = set()
    needed: set[str] = set()
    takes_all = False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_all = True
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            names.add(parameter.name)
            if parameter.default is parameter.empty:
                needed.add(parameter.name)
    return names, needed, takes_all
