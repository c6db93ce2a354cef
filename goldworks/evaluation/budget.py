"""What a run may cost: in tokens and US dollars, over all its answers, also those that an earlier start of it has paid for, and
over the judgments of judges that it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from goldworks.errors import InputError
from goldworks.evaluation.answers import Answer, Question
from goldworks.evaluation.judges_paid import JudgesPaid
from goldworks.evaluation.prices import Price, PriceTable
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
    """What a run will take: `calls` questions, tokens read, and at most tokens written and US dollars; None: not known.

    `judging`: the same of its judges, at most.
    """

    calls: int
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    judging: Expected | None = None

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

    @property
    def whole_cost_usd(self) -> float:
        """With the judges, as far as it is known."""
        return (self.cost_usd or 0.0) + (self.judging.cost_usd or 0.0 if self.judging is not None else 0.0)

    def in_words(self) -> str:
        """For people, before the first question is asked."""
        judging = f". Judges: at most {self.judging.in_words()}" if self.judging is not None else ""
        if self.input_tokens is None:
            return f"{self.calls:,} calls{judging}"
        written = "an unlimited number" if self.output_tokens is None else f"at most {self.output_tokens:,}"
        unknown = "no price for the model" if self.output_tokens is not None else "nothing limits the answers"
        cost = f"cost unknown: {unknown}" if self.cost_usd is None else f"at most ${self.cost_usd:,.2f}"
        return f"{self.calls:,} calls, about {self.input_tokens:,} tokens to read and {written} to write; {cost}{judging}"


@dataclass(slots=True)
class Budget:
    """The caps, None for none, and what was spent so far. What endpoints charge for failed attempts nobody tells, so it is not
    counted; an answer without counts is taken for as much as was expected of it. Recorded answers cost nothing.

    `uncounted`: answers that came without counts of tokens, and of which nothing was expected. `prices`: of judges; `judges`:
    what those took. `run_id`: the run that pays; `is_resumed`: it, or one that asked the same, was begun before.
    """

    max_cost_usd: float | None = None
    max_tokens: int | None = None
    answers_usd: float = 0.0
    answers_tokens: int = 0
    answers: int = 0
    uncounted: int = 0
    is_priced: bool = False
    on_estimate: Callable[[Expected], None] | None = None
    prices: PriceTable | None = None
    judging: Expected | None = None
    judges: JudgesPaid = field(default_factory=JudgesPaid)
    run_id: str | None = None
    is_resumed: bool = False
    _each: tuple[float, float] = field(default=(0.0, 0.0))
    _is_free: bool = False

    @property
    def is_capped(self) -> bool:
        """Whether there is a cap at all."""
        return self.max_cost_usd is not None or self.max_tokens is not None

    @property
    def cost_usd(self) -> float:
        """US dollars, judges included, as far as they are known."""
        return self.answers_usd + self.judges.usd

    @property
    def tokens(self) -> int:
        """Tokens read and written, by judges too."""
        return self.answers_tokens + self.judges.tokens

    def cap_by(self, max_cost_usd: float | None, max_tokens: int | None, parts: int = 1) -> None:
        """The caps of a suite, each where none was said; a part of a run has its share, so that all together keep to them."""
        if self.max_cost_usd is None and max_cost_usd is not None:
            self.max_cost_usd = max_cost_usd / parts
        if self.max_tokens is None and max_tokens is not None:
            self.max_tokens = max_tokens // parts

    def of_run(self, run_id: str, *, is_resumed: bool) -> None:
        """Say who pays, before judges are told of the budget."""
        self.run_id, self.is_resumed = run_id, is_resumed

    def begin(self, target: object, expected: Expected, paid: Iterable[Answer]) -> None:
        """Begin to count. Raises `InputError` for a cap in dollars on a model whose price is not known."""
        self._is_free = getattr(target, "is_fixed", False)
        self.is_priced = self._is_free or (isinstance(target, Metered) and target.price is not None)
        if self.max_cost_usd is not None and not self.is_priced:
            name = f"model {target.model}" if isinstance(target, Metered) and target.model else "this target's model"
            raise InputError(
                f"the price of {name} is not known, so its cost cannot be capped",
                remedy="add it to expectations/policies/prices.yml, or cap the tokens: --max-tokens, or max_tokens in the suite",
            )
        tokens = (expected.input_tokens or 0) + (expected.output_tokens or 0)
        self._each = (expected.cost_usd or 0.0) / max(1, expected.calls), tokens / max(1, expected.calls)
        for answer in paid:
            self.add(answer)
        if self.on_estimate is not None:
            self.on_estimate(replace(expected, judging=self.judging))

    def add(self, answer: Answer) -> None:
        """Count an answer that came; one from the cache has made no calls and costs nothing."""
        if self._is_free or not answer.is_ok or not answer.attempts:
            return
        self.answers += 1
        known = answer.input_tokens is not None and answer.output_tokens is not None
        self.uncounted += not known and not self._each[1]
        self.answers_tokens += (answer.input_tokens or 0) + (answer.output_tokens or 0) if known else round(self._each[1])
        self.answers_usd += answer.cost_usd if answer.cost_usd is not None else self._each[0]

    def allows(self, in_flight: int) -> bool:
        """Whether another question fits beside those that are in flight, each of them as dear as the answers so far."""
        each = (self.answers_usd / self.answers, self.answers_tokens / self.answers) if self.answers else self._each
        return self._holds(in_flight + 1, *each)

    def price_of(self, model: str) -> Price | None:
        """What a judge's tokens cost; None: not known."""
        return self.prices.of(model) if self.prices is not None else None

    def allows_judgment(self, in_flight: int, model: str, expected: Estimate, price: Price | None) -> bool:
        """Whether another judgment fits, each of those in flight as dear as those of the same model so far, the first as
        expected.
        """
        each = self.judges.each(model)
        if each is None:
            cost = price.of(expected.input_tokens, expected.output_tokens or 0) if price is not None else None
            each = cost or 0.0, float(expected.input_tokens + (expected.output_tokens or 0))
        return self._holds(in_flight + 1, *each)

    def _holds(self, more: int, cost_usd: float, tokens: float) -> bool:
        return (self.max_cost_usd is None or self.cost_usd + more * cost_usd <= self.max_cost_usd) and (
            self.max_tokens is None or self.tokens + more * tokens <= self.max_tokens
        )

    @property
    def note(self) -> str | None:
        """What to know about the counts; None: nothing."""
        uncounted = self.uncounted if self.max_tokens is not None else 0
        unheld = f"{uncounted:,} answers came without counts of their tokens, so the cap in tokens did not count them"
        untold = "a judge that is not of Goldworks tells nobody what it takes, so the cap did not count it"
        said = (unheld if uncounted else None, untold if self.judges.is_untold and self.is_capped else None, self.judges.warning)
        return "; ".join(text for text in said if text) or None

    def said(self) -> str | None:
        """What did not fit, in words; None when everything did."""
        if not self.judges.refused:
            return None
        return f"{self.judges.refused:,} judgments would have passed the cap; with a higher one the run asks for them"
