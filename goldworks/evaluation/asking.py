"""Asking a target all questions of a run, several at a time. Nothing here knows tables, scores or suites."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from goldworks.errors import GoldworksError
from goldworks.evaluation.answers import Answer, NoAnswer, Question, Reply
from goldworks.evaluation.redacting import Redacts, redacted
from goldworks.evaluation.targets.protocol import Session, Unreachable

Ask = tuple[Question, int, str]
"""(question, repeat, cluster)."""

OnAnswer = Callable[[Question, Answer], None]
GRACE_SECONDS = 5.0
"""What questions in flight get to be answered in when a run is interrupted."""


@dataclass(slots=True)
class Halt:
    """Why a run ends before everything was asked; None while it goes on. `because` is what to tell people."""

    reason: str | None = None
    because: str | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def now(self, reason: str, because: str | None = None) -> None:
        """Ask nothing more; what is in flight is waited for."""
        if self.reason is None:
            self.reason, self.because = reason, because

    def interrupt(self) -> None:
        """The user wants it to end: wait for what is in flight, but not long; told again, not at all."""
        if self.reason == "interrupted":
            self._give_up()
        else:
            self.reason = "interrupted"
            asyncio.get_running_loop().call_later(GRACE_SECONDS, self._give_up)

    def _give_up(self) -> None:
        for task in self.tasks:
            task.cancel()


class Asking:
    """Asks at most `concurrency` at a time and hands each answer on, redacted, as soon as it is there.

    An infrastructure error becomes an answer of status error. `redactor` None: the target's answers are redacted already.
    `allows(in_flight)` says before each question whether it may still be asked.
    """

    def __init__(
        self,
        session: Session,
        concurrency: int,
        redactor: Redacts | None,
        on_answer: OnAnswer,
        halt: Halt,
        allows: Callable[[int], bool] | None = None,
    ) -> None:
        self._session, self._concurrency, self._redactor, self._on_answer = session, concurrency, redactor, on_answer
        self._halt, self._allows = halt, allows
        self._in_flight = 0
        self._came: list[tuple[Question, Answer]] = []
        self._some_came = asyncio.Event()
        self._landing: asyncio.Future[None] | None = None

    async def all(self, asks: Iterable[Ask]) -> None:
        """Ask everything, or until the halt says so. What came is handed on even when this is cancelled or fails."""
        waiting = iter(asks)
        try:
            async with asyncio.TaskGroup() as group:
                hand_on = group.create_task(self._hand_on_as_they_come())
                workers = [group.create_task(self._work(waiting)) for _ in range(self._concurrency)]
                self._halt.tasks[:] = workers
                await asyncio.wait(workers)
                hand_on.cancel()
        except* Unreachable as group:
            self._halt.now("unreachable", str(group.exceptions[0]))
        finally:
            self._halt.tasks.clear()
            self._hand_on()

    async def _work(self, waiting: Iterator[Ask]) -> None:
        while self._halt.reason is None and (self._allows is None or await self._is_allowed(self._allows)):
            ask = next(waiting, None)  # shared: each worker takes the next one
            if ask is None:
                return
            question, repeat, cluster = ask
            self._in_flight += 1
            try:
                answer = await _ask(self._session, question, repeat, cluster)
            except BaseException:
                self._in_flight -= 1
                raise
            self._came.append((question, answer))
            self._some_came.set()
            await asyncio.sleep(0)  # what came in this turn of the loop is handed on before anything more is asked

    async def _is_allowed(self, allows: Callable[[int], bool]) -> bool:
        """Whether one more may be asked; when it may not beside those in flight, they are waited for."""
        while not allows(self._in_flight):
            if self._in_flight == 0:
                self._halt.now("budget")
            if self._halt.reason is not None:
                return False
            if self._landing is None:
                self._landing = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._landing)
        return True

    async def _hand_on_as_they_come(self) -> None:
        """All that came while the loop was busy goes on together: redacting several at once is cheaper."""
        while True:
            await self._some_came.wait()
            self._some_came.clear()
            try:
                self._hand_on()
            except BaseException:
                self._halt.now("failed")  # at once: the group tells the workers a turn of the loop later
                raise

    def _hand_on(self) -> None:
        came, self._came = self._came, []
        answers = [answer for _, answer in came]
        if self._redactor is not None:
            answers = redacted(answers, self._redactor, [question for question, _ in came])
        for (question, _), answer in zip(came, answers, strict=True):
            self._on_answer(question, answer)
        self._in_flight -= len(came)
        if self._landing is not None:
            self._landing.set_result(None)
            self._landing = None


async def _ask(session: Session, question: Question, repeat: int, cluster: str) -> Answer:
    try:
        reply = await session.ask(question)
    except NoAnswer as failure:
        return Answer(question.case_id, repeat, "error", failure.error, attempts=failure.attempts, cluster_id=cluster)
    except GoldworksError:
        raise  # the user's to mend: nothing will go better with the next question
    except Exception as error:  # a target may be anybody's code; its failure is an error row with the class alone
        return Answer(question.case_id, repeat, "error", f"exception:{type(error).__name__}", cluster_id=cluster)
    return _answer(question, repeat, cluster, reply)


def _answer(question: Question, repeat: int, cluster: str, reply: Reply) -> Answer:
    return Answer(
        case_id=question.case_id,
        repeat=repeat,
        text=reply.text,
        tool_calls=reply.tool_calls,
        latency_ms=reply.latency_ms,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        cost_usd=reply.cost_usd,
        attempts=reply.attempts,
        cluster_id=cluster,
        conversation_id=reply.conversation_id,
        trace_id=reply.trace_id,
        outcome=reply.outcome,
        first_token_ms=reply.first_token_ms,
    )
