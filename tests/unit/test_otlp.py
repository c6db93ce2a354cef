"""The OpenTelemetry dialect: current and older names, spans spread over lines, agent loops, feedback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from goldworks.conversations.damage import UnusableLine
from goldworks.conversations.otlp import parse
from goldworks.conversations.records import Feedback, Message, Passage, Retrieval, ToolCall, ToolRun, Turn

START = 1_793_582_561_589_000_000


def value(item: Any) -> dict[str, Any]:
    if isinstance(item, bool):
        return {"boolValue": item}
    if isinstance(item, int):
        return {"intValue": str(item)}
    if isinstance(item, float):
        return {"doubleValue": item}
    if isinstance(item, list):
        return {"arrayValue": {"values": [value(inner) for inner in item]}}
    if isinstance(item, dict):
        return {"kvlistValue": {"values": attributes(item)}}
    return {"stringValue": item}


def attributes(items: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(item)} for key, item in items.items()]


def span(operation: str | None, span_id: str = "s1", trace: str = "t1", end: int = 5, **more: Any) -> dict[str, Any]:
    extra = more.pop("extra", {})
    items = {"gen_ai.operation.name": operation} if operation else {}
    items |= {"gen_ai.conversation.id": "c1"} | {key.replace("__", "."): item for key, item in more.items()}
    return {
        "traceId": trace,
        "spanId": span_id,
        "name": "x",
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(START + end * 10**9),
        "attributes": attributes({key: item for key, item in items.items() if item is not None}),
        **extra,
    }


def line(*spans: dict[str, Any], resource: dict[str, Any] | None = None) -> bytes:
    scopes = [{"spans": list(spans)}]
    return json.dumps(
        {"resourceSpans": [{"resource": {"attributes": attributes(resource or {})}, "scopeSpans": scopes}]}
    ).encode()


def one(*spans: dict[str, Any], resource: dict[str, Any] | None = None) -> Turn:
    (turn,) = parse(line(*spans, resource=resource))
    return turn


def message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


HISTORY = [
    message("system", "be brief"),
    message("user", "a latte"),
    {"role": "assistant", "parts": [{"type": "tool_call", "id": "k1", "name": "menu", "arguments": {"query": "latte"}}]},
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "k1", "response": {"items": [1]}}]},
]
REPLY = [{**message("assistant", "done"), "finish_reason": "stop"}]
RECORDS = (
    Message("system", "be brief"),
    Message("user", "a latte"),
    Message("assistant", None, (ToolCall("menu", {"query": "latte"}, "k1"),)),
    Message("tool", tool_call_id="k1", tool_result={"items": [1]}),
)


def test_a_whole_turn() -> None:
    documents = [{"id": "d1", "score": 0.9, "content": "text"}, {"id": 7, "score": 0.5}]
    turn = one(
        span(
            "chat",
            "s1",
            gen_ai__provider__name="acme",
            gen_ai__request__model="m",
            gen_ai__response__model="m-1",
            user__id="u",
            session__id="ses",
            app__prompt__version="p3",
            app__tool_schema__version="tools-1",
            app__channel="web",
            **{
                "gen_ai.input.messages": json.dumps(HISTORY),
                "gen_ai.output.messages": json.dumps(REPLY),
                "gen_ai.usage.input_tokens": 29,
                "gen_ai.usage.output_tokens": 8,
                "app.cost_usd": 0.25,
                "gen_ai.response.finish_reasons": ["stop"],
                "app.feedback.score": -1,
                "app.feedback.comment": "no",
            },
        ),
        span(
            "execute_tool",
            "s2",
            **{
                "gen_ai.tool.name": "menu",
                "gen_ai.tool.call.id": "k1",
                "gen_ai.tool.call.arguments": '{"query":"latte"}',
                "gen_ai.tool.call.result": "not {json",
            },
            extra={"status": {"code": 2, "message": "secret"}},
        ),
        span(
            "retrieval",
            "s3",
            **{
                "gen_ai.retrieval.query.text": "latte?",
                "gen_ai.retrieval.documents": json.dumps(documents),
                "app.retrieval.config_version": "rc2",
            },
        ),
        resource={"service.name": "coffee", "service.version": "1.9", "deployment.environment.name": "production"},
    )
    micros = START // 1000
    assert turn == Turn(
        trace_id="t1",
        conversation_id="c1",
        chat_span_id="s1",
        service="coffee",
        environment="production",
        release="1.9",
        prompt_version="p3",
        model="m-1",
        provider="acme",
        retrieval_version="rc2",
        tool_schema_version="tools-1",
        user_id="u",
        session_id="ses",
        channel="web",
        started_at=micros,
        ended_at=micros + 5_000_000,
        input_tokens=29,
        output_tokens=8,
        cost_usd=0.25,
        finish_reason="stop",
        history=RECORDS,
        reply=(Message("assistant", "done"),),
        retrievals=(Retrieval("s3", "latte?", (Passage("d1", 0.9, "text"), Passage("7", 0.5)), micros),),
        tool_runs=(ToolRun("s2", "menu", "k1", {"query": "latte"}, "not {json", True, micros, micros + 5_000_000),),
        feedback=Feedback(-1.0, "no"),
    )


def test_structured_content_is_the_same_as_a_json_string() -> None:
    as_text = one(span("chat", **{"gen_ai.input.messages": json.dumps(HISTORY), "gen_ai.output.messages": json.dumps(REPLY)}))
    structured = one(span("chat", **{"gen_ai.input.messages": HISTORY, "gen_ai.output.messages": REPLY}))
    assert structured == as_text
    documents = [{"id": "d1", "score": 0.9, "content": "text"}]
    spans = [span("retrieval", **{"gen_ai.retrieval.documents": held}) for held in (documents, json.dumps(documents))]
    assert one(spans[0]) == one(spans[1])
    tool = one(span("execute_tool", **{"gen_ai.tool.name": "f", "gen_ai.tool.call.result": {"total": 3, "ok": True}}))
    assert tool.tool_runs[0].result == {"total": 3, "ok": True}


def test_result_is_an_alias_of_response() -> None:
    aliased = json.loads(json.dumps(HISTORY).replace('"response"', '"result"'))
    assert one(span("chat", **{"gen_ai.input.messages": json.dumps(aliased)})).history == RECORDS


def test_legacy_names() -> None:
    turn = one(
        span(
            "chat",
            **{
                "gen_ai.system": "acme",
                "gen_ai.usage.prompt_tokens": 3,
                "gen_ai.usage.completion_tokens": 4,
                "gen_ai.prompt": "what is it?",
                "gen_ai.completion": json.dumps([{"role": "assistant", "content": "this"}]),
            },
        )
    )
    assert (turn.provider, turn.input_tokens, turn.output_tokens) == ("acme", 3, 4)
    assert (turn.history, turn.reply) == ((Message("user", "what is it?"),), (Message("assistant", "this"),))


def test_legacy_indexed_attributes_without_an_operation() -> None:
    turn = one(
        span(
            None,
            **{
                "gen_ai.prompt.0.role": "system",
                "gen_ai.prompt.0.content": "be brief",
                "gen_ai.prompt.1.role": "user",
                "gen_ai.prompt.1.content": "hi",
                "gen_ai.completion.0.role": "assistant",
                "gen_ai.completion.0.finish_reason": "tool_calls",
                "gen_ai.completion.0.tool_calls.0.id": "k",
                "gen_ai.completion.0.tool_calls.0.name": "menu",
                "gen_ai.completion.0.tool_calls.0.arguments": '{"q": 1}',
            },
        )
    )
    assert turn.history == (Message("system", "be brief"), Message("user", "hi"))
    assert turn.reply == (Message("assistant", None, (ToolCall("menu", {"q": 1}, "k"),)),)
    assert turn.finish_reason == "tool_calls"


@pytest.mark.parametrize("in_body", [False, True])
def test_legacy_message_events(in_body: bool) -> None:
    def event(name: str, **fields: Any) -> dict[str, Any]:
        return {"name": name, "body": value(fields)} if in_body else {"name": name, "attributes": attributes(fields)}

    call = {"id": "k1", "type": "function", "function": {"name": "menu", "arguments": '{"query":"latte"}'}}
    events = [
        event("gen_ai.system.message", content="be brief"),
        event("gen_ai.user.message", content="a latte"),
        event("gen_ai.assistant.message", tool_calls=[call] if in_body else json.dumps([call])),
        event("gen_ai.tool.message", id="k1", content='{"items": [1]}'),
        event("gen_ai.choice", index=0, finish_reason="stop", message={"role": "assistant", "content": "done"}),
        event("something.else", content="x"),
    ]
    turn = one(span("chat", extra={"events": events}))
    assert turn.history == RECORDS
    assert turn.reply == (Message("assistant", "done"),)
    assert turn.finish_reason == "stop"


def test_content_in_an_event_and_system_instructions() -> None:
    details = {
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "be brief"}]),
        "gen_ai.input.messages": json.dumps([message("user", "hi")]),
    }
    events = [{"name": "gen_ai.client.inference.operation.details", "attributes": attributes(details)}]
    assert one(span("chat", extra={"events": events})).history == (Message("system", "be brief"), Message("user", "hi"))
    assert one(span("chat", **{"gen_ai.system_instructions": "be kind"})).history == (Message("system", "be kind"),)


def test_spans_without_the_chat_span_are_a_turn() -> None:
    turn = one(span("execute_tool", "s2", **{"gen_ai.tool.name": "menu"}), span("retrieval", "s3", app__channel="web"))
    assert turn.chat_span_id is None
    assert turn.history == turn.reply == ()
    assert turn.span_ids == ("s3", "s2")
    assert turn.channel == "web"
    assert turn.retrievals[0].passages == ()


def test_traces_of_a_line_are_turns_of_their_own() -> None:
    found = parse(line(span("chat", "a", "t1"), span("chat", "b", "t2"), span("execute_tool", "c", "t1")))
    assert [(turn.trace_id, turn.span_ids) for turn in found] == [("t1", ("a", "c")), ("t2", ("b",))]


def test_conversation_id_from_any_span_of_the_trace_or_the_line_is_unusable() -> None:
    silent = {"gen_ai.conversation.id": None}
    assert one(span("chat", "a", **silent), span("embeddings", "b")).conversation_id == "c1"
    for spans in ([span("chat", "a", **silent)], [span("chat", "a"), span("chat", "b", "t2", **silent)]):
        with pytest.raises(UnusableLine) as problem:
            parse(line(*spans))
        assert problem.value.reason == "missing_conversation_id"


def test_agent_loop_keeps_the_last_call_and_sums_the_tokens() -> None:
    def step(span_id: str, end: int, said: str) -> dict[str, Any]:
        content = {"gen_ai.output.messages": json.dumps([message("assistant", said)]), "gen_ai.usage.input_tokens": 10}
        return span("chat", span_id, end=end, **content)

    turn = one(step("late", 9, "the answer"), step("early", 2, "let me look"))
    assert (turn.chat_span_id, turn.input_tokens, turn.output_tokens) == ("late", 20, None)
    assert turn.reply == (Message("assistant", "the answer"),)


def test_agent_spans_count_only_when_they_speak_alone() -> None:
    speaks = {"gen_ai.input.messages": json.dumps([message("user", "hi")])}
    assert one(span("invoke_agent", "a", **speaks)).chat_span_id == "a"
    assert one(span("invoke_agent", "a", **speaks), span("chat", "b")).chat_span_id == "b"
    for other in (span("invoke_agent"), span("embeddings"), span(None)):
        with pytest.raises(UnusableLine) as problem:
            parse(line(other))
        assert problem.value.reason == "not_a_turn"


def test_feedback_from_evaluation_events_only_when_it_is_the_users() -> None:
    def evaluated(name: str, **fields: Any) -> Turn:
        found = {"gen_ai.evaluation.name": name, **{f"gen_ai.evaluation.{k.replace('_', '.', 1)}": v for k, v in fields.items()}}
        return one(span("chat", extra={"events": [{"name": "gen_ai.evaluation.result", "attributes": attributes(found)}]}))

    assert evaluated("user_feedback", score_label="thumbs_down", explanation="slow").feedback == Feedback(-1.0, "slow")
    assert evaluated("thumbs", score_value=1).feedback == Feedback(1.0)
    assert evaluated("user_rating", score_value=4).feedback is None
    assert evaluated("relevance", score_value=0.4).feedback is None


def test_dirt_that_is_data() -> None:
    turn = one(
        span(
            "chat",
            end=-3,
            error__type="no_response",
            **{"gen_ai.output.messages": "[]", "gen_ai.input.messages": json.dumps(HISTORY), "gen_ai.usage.input_tokens": -1},
        ),
        span("retrieval", "s3", **{"gen_ai.retrieval.documents": "[]"}),
    )
    assert (turn.reply, turn.error_type, turn.input_tokens) == ((), "no_response", None)
    assert turn.started_at is not None
    assert turn.ended_at == turn.started_at - 3_000_000
    assert turn.retrievals == (Retrieval("s3", None, (), START // 1000),)


def test_parts_that_are_not_text() -> None:
    parts = [
        {"type": "reasoning", "content": "hmm"},
        {"type": "text", "content": "see"},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGVsbG8="},
        {"type": "uri", "modality": "audio", "uri": "https://example.com/?token=1"},
        {"type": "custom", "content": "extra"},
    ]
    turn = one(span("chat", **{"gen_ai.input.messages": json.dumps([{"role": "user", "parts": parts}])}))
    assert turn.history == (Message("user", "see\n[image]\n[audio]\nextra"),)


def test_tool_values_are_kept_as_they_are_unless_they_are_json_objects() -> None:
    def result(held: Any) -> Any:
        return one(span("execute_tool", **{"gen_ai.tool.name": "f", "gen_ai.tool.call.result": held})).tool_runs[0].result

    assert result("28708") == "28708"
    assert result("{broken") == "{broken"
    assert result('"quoted"') == "quoted"
    assert result('[{"a": 1}]') == [{"a": 1}]


def test_a_cut_attribute_is_named() -> None:
    with pytest.raises(UnusableLine) as problem:
        parse(line(span("chat", **{"gen_ai.input.messages": json.dumps(HISTORY)[:-5]})))
    assert problem.value.reason == "truncated_json"
    assert "[gen_ai.input.messages]" in (problem.value.detail or "")


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ('{"resourceSpans": "x"}', "$.resourceSpans"),
        ('{"resourceSpans": [{"scopeSpans": {}}]}', "$.resourceSpans[0].scopeSpans"),
        ('{"resourceSpans": [{"scopeSpans": [{"spans": [{"spanId": "s"}]}]}]}', "traceId"),
        (line(span("chat", **{"gen_ai.input.messages": "5"})).decode().replace('"5"', '"[5]"'), "[gen_ai.input.messages]"),
        (line(span("chat", **{"gen_ai.usage.input_tokens": "many"})).decode(), "[gen_ai.usage.input_tokens]"),
        (line(span("retrieval", **{"gen_ai.retrieval.documents": '{"id": 1}'})).decode(), "[gen_ai.retrieval.documents]"),
        (line(span("chat", extra={"endTimeUnixNano": "9" * 30})).decode(), "endTimeUnixNano"),
    ],
)
def test_wrong_types_name_the_place(broken: str, place: str) -> None:
    with pytest.raises(UnusableLine) as problem:
        parse(broken.encode())
    assert problem.value.reason == "wrong_types"
    assert place in (problem.value.detail or "")
