"""Asking a model to judge: any OpenAI-compatible endpoint, JSON of a schema, and a journal of what was paid for.

The material to judge is one JSON object in the user's message, so that no text of it can pass for the judge's instructions. It is
redacted, like everything that is stored. Of what the judge says only the verdict is kept: its reasons may quote what it read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import orjson
from pydantic import Field, field_validator

from goldworks.access.keys import load_key
from goldworks.digests import canonical, digest, keyed_digest
from goldworks.errors import GoldworksError
from goldworks.evaluation.answers import NoAnswer, Question, Reply
from goldworks.evaluation.judge_journal import JudgeJournal, Judgment, Verdict
from goldworks.evaluation.prices import Price
from goldworks.evaluation.targets.addresses import VARIABLE, checked_url
from goldworks.evaluation.targets.openai_chat import OpenAIChatPolicy, OpenAIChatTarget
from goldworks.evaluation.targets.protocol import Estimate, Limits
from goldworks.faults import fault_point
from goldworks.lake import Lake
from goldworks.policies import Policy

if TYPE_CHECKING:
    from goldworks.evaluation.budget import Budget

FOLDER = "judges"
"""Where verdicts are kept below the home, one file for each configuration of a judge."""

ID_DIGITS = 24
OVER_BUDGET = "over_budget"
"""What was not asked because the run's budget would not hold it."""


class JudgeModel(Policy):
    """The endpoint of a judge. Keys and addresses as in a target of kind `openai_chat`."""

    base_url: str
    base_url_env: str | None = Field(default=None, pattern=VARIABLE)
    api: Literal["chat", "responses"] = "chat"
    model: str
    api_key_env: str | None = Field(default=None, pattern=VARIABLE)
    temperature: float | None = Field(default=0.0, ge=0)
    max_tokens: int = Field(default=1024, ge=16)
    send_seed: bool = True
    extra: dict[str, Any] = Field(default_factory=dict)
    prices: Price | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    limits: Limits = Limits()

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return checked_url(value)

    def target(self, name: str, schema: dict[str, Any]) -> OpenAIChatTarget:
        """The endpoint as a target that answers with JSON of the schema."""
        policy = OpenAIChatPolicy(kind="openai_chat", json_schema=schema, send_tools=False, **dict(self))
        return OpenAIChatTarget(name, policy)


@dataclass(frozen=True, slots=True)
class Asked:
    """One judgment to make: the judge's instructions, and the material as a JSON value."""

    instructions: str
    material: Any

    @property
    def messages(self) -> tuple[dict[str, Any], ...]:
        """As a target is asked."""
        text = orjson.dumps(self.material, option=orjson.OPT_INDENT_2).decode()
        return ({"role": "system", "text": self.instructions}, {"role": "user", "text": text})


class Failed(msgspec.Struct, frozen=True):
    """No verdict: the class of the error, never text."""

    error: str


Reader = Callable[[Mapping[str, Any]], Verdict]
"""Takes the verdict out of the judge's JSON; raises `KeyError`, `TypeError` or `ValueError` when there is none."""


class Judge:
    """A judge that is ready to be asked. `again`: another number is another judgment of the same."""

    def __init__(self, name: str, model: JudgeModel, schema: dict[str, Any], read: Reader, again: int = 0) -> None:
        self._target = model.target(f"of judge {name}", schema)
        self._model, self._limits = model.model, model.limits
        self._schema = schema
        self._read = read
        self._again = again
        self._journal: JudgeJournal | None = None
        self._budget: Budget | None = None
        self._is_interrupted = False

    def keep_in(self, lake: Lake) -> None:
        """Keep verdicts in the home of these tables, and use those that are there."""
        configuration = digest([self._target.configuration(), self._again])
        self._journal = JudgeJournal(lake.home / FOLDER / f"{configuration[:ID_DIGITS]}.jsonl", load_key(lake.home))

    def pay_from(self, budget: Budget) -> None:
        """Count in a run's budget what is asked, and what earlier starts of the run asked for; ask nothing that does not fit.

        Called after `keep_in`.
        """
        self._budget = budget
        self._target = self._target.priced(budget.price_of(self._model))
        if self._journal is not None and budget.run_id is not None:
            earlier = self._journal.asked_by(budget.run_id)
            budget.judges.take_over(self._journal.name, self._model, earlier)

    def estimate(self, asked: Asked) -> Estimate:
        """Tokens of a judgment."""
        return self._target.estimate(self._question(asked))

    def _question(self, asked: Asked) -> Question:
        return Question("judge", asked.messages, seed=self._again)

    def ask(self, asked: Sequence[Asked]) -> list[Verdict | Failed]:
        """A verdict for each, in their order; those in the journal are not asked for again. Equal ones are asked once. Ctrl-C
        ends it when what is in flight has come.
        """
        journalled = self._journal.verdicts() if self._journal is not None else {}
        known = {key: one.verdict for key, one in journalled.items() if one.verdict is not None}
        keys = [self._key(one) for one in asked]
        if self._budget is not None and self._budget.is_resumed:
            self._budget.judges.unrecorded |= {key for key in keys if key in journalled and not journalled[key].is_recorded}
        left = {key: one for key, one in zip(keys, asked, strict=True) if key not in known}
        with ThreadPoolExecutor(1) as thread:  # there may be an event loop in this one
            try:
                found = thread.submit(asyncio.run, self._ask_all(left)).result() if left else {}
            except KeyboardInterrupt:
                self._is_interrupted = True  # what is in flight is paid for, waited for and kept
                raise
        return [known[key] if key in known else found[key] for key in keys]

    def _key(self, one: Asked) -> str:
        content = canonical([one.instructions, one.material])
        return digest(content.decode()) if self._journal is None else keyed_digest(self._journal.key, "judge", content)

    async def _ask_all(self, left: Mapping[str, Asked]) -> dict[str, Verdict | Failed]:
        found: dict[str, Verdict | Failed] = {}
        turn, flight = asyncio.Semaphore(self._limits.concurrency), _Flight()
        try:
            async with self._target.open(self._limits) as session, asyncio.TaskGroup() as group:

                async def one(key: str, asked: Asked) -> None:
                    question = self._question(asked)
                    try:
                        async with turn:
                            if not await self._may_ask(question, flight):
                                found[key] = Failed(OVER_BUDGET)
                                return
                            async with flight.one():
                                verdict = self._kept(key, question, await session.ask(question))
                    except NoAnswer as failure:
                        found[key] = Failed(failure.error)
                    else:
                        found[key] = Failed("no_verdict") if verdict is None else verdict

                for key, asked in left.items():
                    group.create_task(one(key, asked))
        except* GoldworksError as errors:  # the endpoint takes no connections, or its key is not set: no verdict for the rest
            error = Failed(type(_first(errors)).__name__)
            found = {key: found.get(key, error) for key in left}
        return found

    async def _may_ask(self, question: Question, flight: _Flight) -> bool:
        """Whether the budget holds it. While some are in flight, that may end cheaper than expected, it waits for them."""
        budget = self._budget
        while not self._is_interrupted:
            if budget is None or not budget.is_capped:
                return True
            target = self._target
            if budget.allows_judgment(flight.number, self._model, target.estimate(question), target.price):
                return True
            if not flight.number:
                budget.judges.refused += 1
                return False
            await flight.landed()
        return False

    def _kept(self, key: str, question: Question, reply: Reply) -> Verdict | None:
        """The verdict, None when there is none in the reply. What it took is counted, and kept beside it."""
        try:
            verdict = self._read(orjson.loads(reply.text or ""))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
            verdict = None
        target, budget = self._target, self._budget
        read, written, cost = taken(reply, target.estimate(question), target.price)
        judgment = Judgment(key, verdict, budget.run_id if budget is not None else None, read, written, cost)
        if self._journal is not None:
            self._journal.add(judgment)
            fault_point("evals.verdict_journalled")
        if budget is not None:
            budget.judges.add(self._model, judgment)
        return verdict


def taken(reply: Reply, expected: Estimate, price: Price | None) -> tuple[int, int, float | None]:
    """Tokens read and written and US dollars: as the endpoint says, without its counts as `expected`; None: no price is known."""
    is_said = reply.input_tokens is not None and reply.output_tokens is not None
    said = (reply.input_tokens, reply.output_tokens) if is_said else expected
    read, written = said[0] or 0, said[1] or 0
    return read, written, reply.cost_usd if reply.cost_usd is not None or price is None else price.of(read, written)


class _Flight:
    """How many judgments are asked just now."""

    def __init__(self) -> None:
        self.number = 0
        self._landed = asyncio.Event()

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[None]:
        """While the block lasts there is one more."""
        self.number += 1
        try:
            yield
        finally:
            self.number -= 1
            self._landed.set()
            self._landed = asyncio.Event()

    async def landed(self) -> None:
        """Wait until one of them has come, or failed."""
        await self._landed.wait()


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
