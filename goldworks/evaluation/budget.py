"""What a run may cost: in tokens and US dollars, over all its answers, also those that an earlier start of it has paid for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from goldworks.errors import InputError
from goldworks.evaluation.answers import Answer, Question
from goldworks.evaluation.prices import Price
from goldworks.evaluation.targets.protocol import Estimate

SAMPLE = 200
"""Questions that an estimate looks at."""


@runtime_checkable
class Metered(Protocol):
    """A target that knows what it will take."""

    @property
    def model(self) -> str | None:
        """Name of its model, if it says one."""
        ...

    @property
    def price(self) -> Price | None:
        """What its tokens cost, if that is known."""
        ...

    def estimate(self, question: Question) -> Estimate:
        """Tokens of one question."""
        ...


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run will take: `calls` questions, tokens read, and at most tokens written and US dollars; None: not known."""

    calls: int
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None

    @staticmethod
    def of(target: object, calls: int, questions: Sequence[Question]) -> Expected:
        """From some of the questions, for as many `calls`."""
        if not isinstance(target, Metered) or not questions:
            return Expected(calls)
        estimates = [target.estimate(question) for question in questions]
        read = round(calls * sum(one.input_tokens for one in estimates) / len(estimates))
        limit = estimates[0].output_tokens
        written = None if limit is None else calls * limit
        cost = None if target.price is None else target.price.of(read, written)
        return Expected(calls, read, written, cost)

    def in_words(self) -> str:
        """For people, before the first question is asked."""
        if self.input_tokens is None:
            return f"{self.calls:,} calls"
        written = "an unlimited number" if self.output_tokens is None else f"at most {self.output_tokens:,}"
        unknown = "no price for the model" if self.output_tokens is not None else "nothing limits the answers"
        cost = f"cost unknown: {unknown}" if self.cost_usd is None else f"at most ${self.cost_usd:,.2f}"
        return f"{self.calls:,} calls, about {self.input_tokens:,} tokens to read and {written} to write; {cost}"


@dataclass(slots=True)
class Budget:
    """The caps, None for none, and what was spent so far. What endpoints charge for failed attempts nobody tells, so it is not
    counted; an answer without counts is taken for as much as was expected of it.
    """

    max_cost_usd: float | None = None
    max_tokens: int | None = None
    cost_usd: float = 0.0
    tokens: int = 0
    answers: int = 0
    is_priced: bool = False
    on_estimate: Callable[[Expected], None] | None = None
    _each: tuple[float, float] = field(default=(0.0, 0.0))

    @property
    def is_capped(self) -> bool:
        """Whether there is a cap at all."""
        return self.max_cost_usd is not None or self.max_tokens is not None

    def begin(self, target: object, expected: Expected, paid: Iterable[Answer]) -> None:
        """Begin to count. Raises `InputError` for a cap in dollars on a model whose price is not known."""
        self.is_priced = isinstance(target, Metered) and target.price is not None
        if self.max_cost_usd is not None and not self.is_priced:
            name = f"model {target.model}" if isinstance(target, Metered) and target.model else "this target's model"
            raise InputError(
                f"the price of {name} is not known, so its cost cannot be capped",
                remedy="add it to expectations/policies/prices.yml, or cap the tokens: --max-tokens",
            )
        tokens = (expected.input_tokens or 0) + (expected.output_tokens or 0)
        self._each = (expected.cost_usd or 0.0) / max(1, expected.calls), tokens / max(1, expected.calls)
        for answer in paid:
            self.add(answer)
        if self.on_estimate is not None:
            self.on_estimate(expected)

    def add(self, answer: Answer) -> None:
        """Count an answer that came; one from the cache has made no calls and costs nothing."""
        if not answer.is_ok or not answer.attempts:
            return
        self.answers += 1
        known = answer.input_tokens is not None and answer.output_tokens is not None
        self.tokens += (answer.input_tokens or 0) + (answer.output_tokens or 0) if known else round(self._each[1])
        self.cost_usd += answer.cost_usd if answer.cost_usd is not None else self._each[0]

    def allows(self, in_flight: int) -> bool:
        """Whether another question fits beside those that are in flight, each of them as dear as the answers so far."""
        cost, tokens = (self.cost_usd / self.answers, self.tokens / self.answers) if self.answers else self._each
        more = in_flight + 1
        return (self.max_cost_usd is None or self.cost_usd + more * cost <= self.max_cost_usd) and (
            self.max_tokens is None or self.tokens + more * tokens <= self.max_tokens
        )
