"""Playing the plots: the assistants' releases answer them turn by turn, and what came of it is kept with its truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec

from goldworks.demo import docs, orders
from goldworks.demo.knowledge import Hit
from goldworks.demo.people import Value, make_person
from goldworks.demo.plots import Said, docs_plot, orders_plot
from goldworks.demo.truth import KnownTurn, Planted
from goldworks.evaluation.answers import Call

FIRST_DAY = datetime(2026, 11, 2, tzinfo=UTC)
DAYS = 14
SWITCH_DAY = 7
"""0-based day on which the second releases go live."""

CONVERSATIONS = {"harbor-docs": 330, "harbor-orders": 270}
RELEASES = {"harbor-docs": ("d1", "d2"), "harbor-orders": orders.RELEASES}
APP_SHARE = 0.45
"""Share of the order agent's conversations that come through the app, whose gateway logs requests and responses."""

_COMPLAINTS = ("I only asked! I did not want it cancelled yet.", "wait, you should have asked me first", "Hm. That was quick.")
_PRAISE = ("exactly what I needed", "quick and clear", "thanks", "")
_BLAME = ("this is wrong", "did not answer my question", "that number cannot be right", "")


class Exchange(msgspec.Struct, frozen=True):
    """One turn as a log line will tell it. `messages` is all the model was given, this turn's calls and results included.

    Times are nanoseconds since the epoch.
    """

    conversation_id: str
    trace_id: str
    service: str
    release: str
    dialect: str
    user_id: str
    session_id: str
    channel: str
    started_ns: int
    ended_ns: int
    messages: tuple[dict[str, Any], ...]
    reply: str
    steps: tuple[tuple[str, Call, dict[str, Any]], ...] = ()
    query: str | None = None
    hits: tuple[Hit, ...] = ()
    feedback_score: int | None = None
    feedback_comment: str | None = None
    known: KnownTurn | None = None
    planted: tuple[Planted, ...] = ()

    @property
    def day(self) -> str:
        """UTC day on which the turn ended."""
        return datetime.fromtimestamp(self.ended_ns // 1_000_000_000, UTC).date().isoformat()


def play_all(rng: Random) -> list[Exchange]:
    """Every turn of every conversation, in order of their ends."""
    exchanges: list[Exchange] = []
    for service, count in CONVERSATIONS.items():
        for number in range(count):
            day = number * DAYS // count
            exchanges.extend(_play(rng, service, day))
    return sorted(exchanges, key=lambda exchange: (exchange.ended_ns, exchange.trace_id))


def _play(rng: Random, service: str, day: int) -> Iterator[Exchange]:
    is_docs = service == "harbor-docs"
    release = RELEASES[service][day >= SWITCH_DAY]
    through_app = not is_docs and rng.random() < APP_SHARE
    dialect = "openai_chat" if through_app else "otlp"
    ids = {
        "conversation_id": f"conv_{rng.getrandbits(64):016x}",
        "service": service,
        "release": release,
        "dialect": dialect,
        "user_id": f"u-{rng.getrandbits(32):08x}",
        "session_id": f"s-{rng.getrandbits(40):010x}",
        "channel": "app" if through_app else "web",
    }
    started = FIRST_DAY + timedelta(days=day, hours=rng.triangular(6, 22.5, 17))
    clock_ns = int(started.timestamp()) * 1_000_000_000 + rng.randrange(1_000_000) * 1000
    table = _Docs(release, rng) if is_docs else _Orders(release, rng)
    plot = docs_plot(rng) if is_docs else orders_plot(rng)
    for said in plot:
        answered = table.turn(said)
        if answered is None:
            return
        seen, known = answered
        ended_ns = clock_ns + rng.randrange(400, 3500) * 1_000_000 + 150_000_000 * len(seen["steps"])
        trace_id = f"{rng.getrandbits(128):032x}" if dialect == "otlp" else f"chatcmpl-{rng.getrandbits(96):024x}"
        score, comment, comment_values = _feedback(rng, known["flaw"], said.wants_answer)
        where = {"conversation_id": ids["conversation_id"], "trace_id": trace_id}
        exchange = Exchange(
            **ids,
            **seen,
            trace_id=trace_id,
            started_ns=clock_ns,
            ended_ns=ended_ns,
            feedback_score=score,
            feedback_comment=comment,
            planted=tuple(_planted(where, table.said.values, seen["steps"], comment_values)),
        )
        truth = KnownTurn(**where, service=service, release=release, day=exchange.day, dialect=dialect, **known)
        yield msgspec.structs.replace(exchange, known=truth)
        clock_ns = ended_ns + rng.randrange(8, 150) * 1_000_000_000


class _Docs:
    """A conversation with harbor-docs in the making."""

    def __init__(self, release: str, rng: Random) -> None:
        self._release = release
        self._rng = rng
        self._messages: list[dict[str, Any]] = [{"role": "system", "text": docs.SYSTEM[release]}]
        self._asked: list[str] = []
        self.said = Said("")

    def turn(self, said: Said) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Answer one message: fields of the exchange and of its truth."""
        self.said = said
        self._asked.append(said.text)
        self._messages.append({"role": "user", "text": said.text})
        given = tuple(self._messages)
        if not said.wants_answer:
            text = self._rng.choice(("You are welcome!", "Happy to help. Fair winds!", "Any time."))
            self._messages.append({"role": "assistant", "text": text})
            return {"messages": given, "reply": text, "steps": ()}, {"flaw": None}
        answer = docs.answer(self._release, self._asked, self._rng)
        self._messages.append({"role": "assistant", "text": answer.text})
        if said.question is None:
            flaw = None if answer.text in docs.NOT_KNOWN else "answered_unanswerable"
            known: dict[str, Any] = {"is_unanswerable": True, "flaw": flaw}
        else:
            is_right = all(fact in answer.text for fact in said.question.facts)
            known = {
                "question_id": said.question.id,
                "facts": said.question.facts,
                "flaw": None if is_right else "not_known" if answer.text in docs.NOT_KNOWN else "fact_missing",
            }
        return {"messages": given, "reply": answer.text, "steps": (), "query": answer.query, "hits": answer.hits}, known


class _Orders:
    """A conversation with harbor-orders in the making. The user adapts when the agent does not do what was expected."""

    def __init__(self, release: str, rng: Random) -> None:
        self._release = release
        self._rng = rng
        self._messages: list[dict[str, Any]] = [{"role": "system", "text": orders.SYSTEM}]
        self._order_id: str | None = None
        self._went_wrong = False
        self._is_over = False
        self.said = Said("")

    def turn(self, said: Said) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Answer one message: fields of the exchange and of its truth. None when the user has left."""
        if self._is_over:
            return None
        if self._went_wrong:
            said = Said(self._rng.choice(_COMPLAINTS)) if "cancelled" in self._messages[-1]["text"] else Said("What went wrong?")
            self._is_over = True
        self.said = said
        self._messages.append({"role": "user", "text": said.text})
        right = self._right_calls(said)
        done = orders.act(self._messages, self._release)
        steps = tuple((f"call_{self._rng.getrandbits(48):012x}", call, result) for call, result in done.calls)
        for call_id, call, result in steps:
            self._messages.append({"role": "assistant", "tool_calls": [(call_id, call)]})
            self._messages.append({"role": "tool", "tool_call_id": call_id, "tool_result": result})
            self._order_id = result.get("order_id", self._order_id)
        given = tuple(self._messages)
        self._messages.append({"role": "assistant", "text": done.text})
        flaw = _flaw([{"name": call.name, "arguments": call.arguments} for _, call, _ in steps], right)
        self._went_wrong = self._went_wrong or flaw == "cancelled_unconfirmed" or done.text == orders.FAILED
        return {"messages": given, "reply": done.text, "steps": steps}, {"calls": tuple(right), "flaw": flaw}

    def _right_calls(self, said: Said) -> list[dict[str, Any]]:
        """What the plot knows; once the agent has gone wrong, what the mended one would do from here."""
        if self._went_wrong:
            done = orders.act(self._messages, "1.1")
            return [{"name": call.name, "arguments": call.arguments} for call, _ in done.calls]
        filled: list[dict[str, Any]] = []
        for call in said.calls:
            arguments = {key: self._order_id if value == "$order" else value for key, value in call["arguments"].items()}
            filled.append({"name": call["name"], "arguments": arguments})
        return filled


def _flaw(made: Sequence[dict[str, Any]], right: Sequence[dict[str, Any]]) -> str | None:
    """What is wrong with the calls that were made, or None."""
    if list(made) == list(right):
        return None
    if any(call["name"] == "cancel_order" for call in made) and not any(call["name"] == "cancel_order" for call in right):
        return "cancelled_unconfirmed"
    placed = next((call["arguments"] for call in made if call["name"] == "place_order"), None)
    wanted = next((call["arguments"] for call in right if call["name"] == "place_order"), None)
    if placed is not None and wanted is not None and placed.get("quantity") != wanted["quantity"]:
        return "quantity_missing" if "quantity" not in placed else "quantity_wrong"
    return "other_calls"


def _feedback(rng: Random, flaw: str | None, wants_answer: bool) -> tuple[int | None, str | None, list[Value]]:
    """Thumbs and comment: some users give them, and not all of them judge well."""
    if not wants_answer or rng.random() > 0.28:
        return None, None, []
    is_pleased = rng.random() < (0.9 if flaw is None else 0.2)
    if rng.random() < 0.1:
        phone = Value("PHONE_NUMBER", make_person(rng).phone)
        return 1 if is_pleased else -1, f"please call me on {phone.text}", [phone]
    return 1 if is_pleased else -1, rng.choice(_PRAISE if is_pleased else _BLAME) or None, []


def _planted(
    where: dict[str, str], said: Sequence[Value], steps: Sequence[tuple[str, Call, dict[str, Any]]], comment: Sequence[Value]
) -> Iterator[Planted]:
    def plant(value: Value, field: str, key: str | None = None) -> Planted:
        return Planted(
            **where, field=field, key=key, entity=value.entity, text=value.text, is_pii=value.is_pii, variant=value.variant
        )

    for value in said:
        yield plant(value, "message_text")
        for _, call, result in steps:
            for key, held in call.arguments.items():
                if held == value.text:
                    yield plant(value, "tool_call_arguments", key)
            for key, held in result.items():
                if held == value.text:
                    yield plant(value, "tool_call_result", key)
    for _, call, result in steps:
        if call.name == "track_order" and "recipient" in result:
            yield plant(Value("PERSON", result["recipient"]["name"]), "tool_call_result", "recipient.name")
            yield plant(Value("PHONE_NUMBER", result["recipient"]["phone"]), "tool_call_result", "recipient.phone")
    for value in comment:
        yield plant(value, "feedback_comment")
