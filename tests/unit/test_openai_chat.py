"""The dialect of OpenAI-compatible endpoints: both interfaces, where their parts may stand, ids, damage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from goldworks.conversations.damage import UnusableLine
from goldworks.conversations.openai_chat import parse, recognises
from goldworks.conversations.records import Feedback, Message, Passage, Retrieval, ToolCall, Turn

METADATA = {
    "service": "general-chat",
    "release": "5.2",
    "environment": "production",
    "conversation_id": "c1",
    "session_id": "s1",
    "prompt_version": "g2",
}
RESPONSE = {
    "id": "r1",
    "object": "chat.completion",
    "created": 1793578825,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi.", "refusal": None}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 8, "completion_tokens": 29, "total_tokens": 37},
}
RECORD = {
    "id": "r1",
    "created": 1793578821,
    "model": "m",
    "user": "u1",
    "metadata": METADATA,
    "messages": [{"role": "user", "content": "Hello"}],
    "response": RESPONSE,
}


def one(record: dict[str, Any]) -> Turn:
    (turn,) = parse(json.dumps(record).encode())
    return turn


def said(*messages: dict[str, Any]) -> tuple[Message, ...]:
    return one({**RECORD, "messages": list(messages)}).history


def test_a_whole_record() -> None:
    assert one(RECORD) == Turn(
        trace_id="r1",
        conversation_id="c1",
        chat_span_id="r1",
        service="general-chat",
        environment="production",
        release="5.2",
        prompt_version="g2",
        model="m",
        user_id="u1",
        session_id="s1",
        started_at=1793578821_000_000,
        ended_at=1793578825_000_000,
        input_tokens=8,
        output_tokens=29,
        finish_reason="stop",
        history=(Message("user", "Hello"),),
        reply=(Message("assistant", "Hi."),),
    )


def test_an_empty_name_is_no_name() -> None:
    empty = dict.fromkeys(("service", "environment", "channel", "release", "provider"), "")
    turn = one({**RECORD, "model": "", "metadata": {"conversation_id": "c", **empty}})
    assert (turn.service, turn.environment, turn.channel, turn.release, turn.provider) == (None,) * 5


def test_request_below_its_own_key_says_the_same() -> None:
    nested = {"metadata": METADATA, "created": 1793578821, "request": {k: RECORD[k] for k in ("model", "messages", "user")}}
    assert one({**nested, "response": RESPONSE}) == one(RECORD)


def test_tool_calls_and_their_answers() -> None:
    call = {"id": "k1", "type": "function", "function": {"name": "menu", "arguments": '{"q": "latte"}'}}
    found = said(
        {"role": "developer", "content": "be brief"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "k1", "content": '{"items": []}'},
        {"role": "assistant", "content": "", "function_call": {"name": "old", "arguments": "not json"}},
        {"role": "function", "name": "old", "content": "plain"},
    )
    assert found == (
        Message("system", "be brief"),
        Message("assistant", None, (ToolCall("menu", {"q": "latte"}, "k1"),)),
        Message("tool", tool_call_id="k1", tool_result={"items": []}),
        Message("assistant", "", (ToolCall("old", "not json"),)),
        Message("tool", tool_name="old", tool_result="plain"),
    )


def test_content_in_parts_and_refusals() -> None:
    parts = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA"}},
    ]
    assert said({"role": "user", "content": parts}) == (Message("user", "look\n[image]\n[audio]"),)
    refused = {**RESPONSE, "choices": [{"message": {"role": "assistant", "content": None, "refusal": "I cannot"}}]}
    assert one({**RECORD, "response": refused}).reply == (Message("assistant", "I cannot"),)


def test_blocks_that_answer_tools_become_tool_messages() -> None:
    found = said(
        {"role": "assistant", "content": [{"type": "tool_use", "id": "k", "name": "menu", "input": {"q": 1}}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "k", "content": [{"type": "text", "text": '{"a": 1}'}]},
                {"type": "text", "text": "and now?"},
            ],
        },
    )
    assert found == (
        Message("assistant", None, (ToolCall("menu", {"q": 1}, "k"),)),
        Message("tool", tool_call_id="k", tool_result={"a": 1}),
        Message("user", "and now?"),
    )


def test_the_first_choice_is_the_reply() -> None:
    choices = [
        {"index": 1, "message": {"content": "other"}},
        {"index": 0, "message": {"content": "first"}, "finish_reason": "length"},
    ]
    turn = one({**RECORD, "response": {**RESPONSE, "choices": choices}})
    assert (turn.reply, turn.finish_reason) == ((Message("assistant", "first"),), "length")


def test_a_missing_reply_is_data_and_the_fine_tuning_form_has_one() -> None:
    failed = one({**RECORD, "response": {"choices": [], "error": {"type": "server_error", "message": "secret"}}})
    assert (failed.reply, failed.error_type) == ((), "server_error")
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    trained = one({"id": "r", "metadata": METADATA, "messages": messages})
    assert (trained.history, trained.reply) == ((Message("user", "a"),), (Message("assistant", "b"),))


def test_responses_interface() -> None:
    output = [
        {"type": "reasoning", "id": "rs", "summary": []},
        {
            "type": "file_search_call",
            "id": "fs",
            "queries": ["q"],
            "results": [{"file_id": "f", "score": 0.5, "text": "passage"}],
        },
        {"type": "function_call", "id": "fc", "call_id": "k", "name": "menu", "arguments": '{"q": 1}'},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi.", "annotations": []}]},
    ]
    request = {
        "model": "m",
        "instructions": "be brief",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
            {"type": "function_call_output", "call_id": "k0", "output": "[1]"},
        ],
    }
    response = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1793578825,
        "conversation": {"id": "c9"},
        "status": "completed",
        "output": output,
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }
    assert recognises({"request": request, "response": response})
    turn = one({"request": request, "response": response})
    assert (turn.trace_id, turn.conversation_id, turn.input_tokens, turn.output_tokens) == ("resp_1", "c9", 3, 4)
    assert turn.finish_reason == "completed"
    assert turn.history == (
        Message("system", "be brief"),
        Message("user", "Hello"),
        Message("tool", tool_call_id="k0", tool_result=[1]),
    )
    assert turn.reply == (Message("assistant", None, (ToolCall("menu", {"q": 1}, "k"),)), Message("assistant", "Hi."))
    assert turn.retrievals == (Retrieval("fs", "q", (Passage("f", 0.5, "passage"),)),)
    assert one({**response, "input": "Hello"}).history == (Message("user", "Hello"),)


def test_where_the_conversation_id_may_stand() -> None:
    bare = {key: value for key, value in RECORD.items() if key != "metadata"}
    assert one({**bare, "metadata": {"thread_id": "th"}}).conversation_id == "th"
    assert one({**bare, "conversation": "cv"}).conversation_id == "cv"
    for record in (bare, {**bare, "previous_response_id": "resp_0"}, {**bare, "metadata": {"conversation_id": ""}}):
        with pytest.raises(UnusableLine) as problem:
            one(record)
        assert problem.value.reason == "missing_conversation_id"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"thumbs": "down", "comment": "wrong"}, Feedback(-1.0, "wrong")),
        ({"score": 0.5}, Feedback(0.5)),
        ({"score": "up"}, Feedback(1.0)),
        ({"score": 5}, None),
        ({}, None),
    ],
)
def test_feedback(given: dict[str, Any], expected: Feedback | None) -> None:
    assert one({**RECORD, "metadata": {**METADATA, "feedback": given}}).feedback == expected


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"messages": "see attachment"}, "$.messages"),
        ({"created": "yesterday"}, "$.created"),
        ({"created": 1e300}, "$.created"),
        ({"response": []}, "$.response"),
        ({"messages": [{"role": "narrator", "content": "x"}]}, "$.messages[0].role"),
        ({"id": None, "response": {"choices": []}}, "$.id"),
        ({"response": {"choices": [{"message": {"content": 5}}]}}, "$.response.choices[0].message.content"),
    ],
)
def test_wrong_types_name_the_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(UnusableLine) as problem:
        one({**RECORD, **change})
    assert problem.value.reason == "wrong_types"
    assert place in (problem.value.detail or "")


def test_tool_values_that_no_table_could_hold() -> None:
    from goldworks.conversations.values import storable

    deep = "[" * 300 + "]" * 300
    turn = one(
        RECORD
        | {"messages": [{"role": "tool", "content": '{"id": 123456789012345678901234567890}'}, {"role": "tool", "content": deep}]}
    )
    assert [m.tool_result for m in storable(turn).history] == [{"id": "123456789012345678901234567890"}, deep]


def test_what_is_not_of_this_dialect() -> None:
    assert not recognises({"run_type": "llm", "inputs": {"messages": []}})
    assert not recognises({"type": "GENERATION", "input": [], "output": {}})
    assert not recognises({"resourceSpans": []})
    assert not recognises([])
