"""Asking a target all questions of a run, several at a time. Nothing here knows tables, scores or suites."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from goldworks.errors import GoldworksError
from goldworks.evaluation.answers import Answer, Call, NoAnswer, Outcome, Question, Reply, row_of
from goldworks.evaluation.targets.protocol import Session

Ask = tuple[Question, int, str]
"""(question, repeat, cluster)."""


class Redacts(Protocol):
    """What the runner needs of a redactor."""

    def redact(self, documents: Any) -> Any:
        """A `RedactedDocument` for each `Document`."""
        ...


async def ask_all(
    session: Session, asks: Iterable[Ask], concurrency: int, redactor: Redacts | None, on_answer: Callable[[Answer], None]
) -> None:
    """Ask everything, at most `concurrency` at a time, and hand each answer on, redacted, as soon as it is there.

    An infrastructure error becomes an answer of status error. `redactor` None: the target's answers are redacted already.
    """
    waiting = iter(asks)

    async def work() -> None:
        for question, repeat, cluster in waiting:  # shared: each worker takes the next one
            answer = await _ask(session, question, repeat, cluster)
            on_answer(redacted(answer, redactor) if redactor is not None else answer)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())


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


def redacted(answer: Answer, redactor: Redacts) -> Answer:
    """The answer with text, tool calls and outcome redacted as one document, so that one value gets one token."""
    from goldworks.redaction import Document, Field

    if answer.text is None and not answer.tool_calls and answer.outcome is None:
        return answer
    calls = [{"id": None, **msgspec.to_builtins(call)} for call in answer.tool_calls]
    fields = [Field("answer", "assistant", "text", answer.text)] if answer.text is not None else []
    if calls:
        fields.append(Field("answer", "assistant", "tool_calls", calls))
    if answer.outcome is not None:
        fields.append(Field("answer", "assistant", "outcome", msgspec.to_builtins(answer.outcome)))
    done = {field.name: field for field in redactor.redact([Document(answer.case_id, tuple(fields))])[0].fields}
    text = done["text"].value if "text" in done else None
    if any(field.is_withheld for field in done.values()):
        return Answer(answer.case_id, answer.repeat, "error", "withheld", attempts=answer.attempts, cluster_id=answer.cluster_id)
    after = tuple(msgspec.convert(call, Call) for call in done["tool_calls"].value) if calls else ()
    outcome = msgspec.convert(done["outcome"].value, Outcome) if "outcome" in done else None
    return msgspec.structs.replace(answer, text=text, tool_calls=after, outcome=outcome)


def calls_json(answer: Answer) -> str | None:
    """The tool calls as `evals.answers` stores them."""
    return row_of(answer)["tool_calls"]
