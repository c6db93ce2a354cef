"""Mapped line logs: the two shipped mappings on lines of their exports, refusals of broken mappings, and the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from goldworks.conversations.mapped import load_mapping
from goldworks.conversations.mapping_report import check_mapping
from goldworks.conversations.reading import LogFile
from goldworks.conversations.records import Feedback, Line, Message, Passage, ToolCall, Turn
from goldworks.errors import PolicyError

MAPPINGS = Path(__file__).resolve().parents[2] / "expectations" / "mappings"
OWN = """
version: 1
description: a company's own log
only_if: "kind == 'turn'"
turn: {trace_id: request, conversation_id: chat, model: model.name, input_tokens: "length(words)"}
times: {format: ms, started_at: at}
history: {items: asked, role: who, text: said, roles: {customer: user, us: assistant}}
reply: {items: answer, default_role: assistant}
passages: {items: found, query: searched, text: body}
feedback: {label: rating, comment: remark}
"""


def read(tmp_path: Path, mapping: Path, *records: Any) -> list[Line]:
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    file = LogFile(str(log), mapping=load_mapping(mapping))
    lines = list(file)
    assert file.dialect == "mapped"
    return lines


def turn_of(line: Line) -> Turn:
    assert line.unusable is None
    (turn,) = line.turns
    return turn


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.yml"
    path.write_text(OWN, encoding="utf-8")
    return path


def record(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "turn",
        "request": 17,
        "chat": "c1",
        "at": 1793582561589,
        "words": ["a", "b"],
        "asked": [{"who": "customer", "said": "hello"}, {"who": "us", "said": "yes?"}, {"who": "customer", "said": "a latte"}],
        "answer": "done",
        "found": [{"id": 1, "score": 0.5, "body": "passage"}],
        "searched": "latte",
        "rating": "thumbs-up",
    } | changes


def test_a_companys_own_log(tmp_path: Path, own: Path) -> None:
    turn = turn_of(read(tmp_path, own, record())[0])
    assert (turn.trace_id, turn.chat_span_id, turn.conversation_id, turn.input_tokens) == ("17", "17", "c1", 2)
    assert turn.started_at == 1793582561589_000
    assert turn.history == (Message("user", "hello"), Message("assistant", "yes?"), Message("user", "a latte"))
    assert turn.reply == (Message("assistant", "done"),)
    assert turn.retrievals[0].query == "latte"
    assert turn.retrievals[0].passages == (Passage("1", 0.5, "passage"),)
    assert turn.feedback == Feedback(1.0)


def test_reasons(tmp_path: Path, own: Path) -> None:
    lines = read(
        tmp_path,
        own,
        record(kind="heartbeat"),
        record(chat=None),
        record(request=None),
        record(words=5),  # length() of a number
        record(at="Secret"),
        record(asked=[5]),
        record(asked=[{"who": "Secret", "said": "x"}]),
        record(asked=[{"other": "Secret"}]),
        record(found=[{"body": {"Secret": 1}}]),
        record(found=None, asked=None, answer=None),
        ["not", "an", "object"],
    )
    assert [line.unusable and line.unusable.reason for line in lines] == [
        "not_a_turn",
        "missing_conversation_id",
        *["wrong_types"] * 7,
        None,
        "wrong_types",
    ]
    assert "Secret" not in repr([line.unusable for line in lines])
    assert turn_of(lines[9]).retrievals == ()


def test_langfuse(tmp_path: Path) -> None:
    call = {"id": "k1", "type": "function", "function": {"name": "menu", "arguments": '{"q": "latte"}'}}
    generation = {
        "id": "o1",
        "traceId": "t1",
        "type": "GENERATION",
        "startTime": "2026-11-02T08:00:00.250Z",
        "endTime": "2026-11-02T08:00:02Z",
        "model": "m",
        "input": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "a latte"}],
        "output": {"role": "assistant", "content": None, "tool_calls": [call]},
        "usageDetails": {"input": 5, "output": 6, "total": 11},
        "costDetails": {"total": 0.01},
        "level": "DEFAULT",
        "sessionId": "ses",
        "userId": "u",
        "promptVersion": 3,
        "environment": "production",
    }
    exported = {  # the blob export: snake_case, another time format, JSON held as text
        "id": "o2",
        "trace_id": "t2",
        "type": "GENERATION",
        "start_time": "2026-11-02 08:00:00.250000",
        "provided_model_name": "m",
        "input": json.dumps({"messages": [{"role": "user", "content": "hi"}]}),
        "output": "hello",
        "session_id": "ses",
        "level": "ERROR",
        "status_message": "secret",
    }
    trace = {
        "id": "t3",
        "timestamp": "2026-11-02T08:00:00Z",
        "sessionId": "ses",
        "input": "hi",
        "output": {"answer": 1, "role": None},
    }
    lines = read(
        tmp_path, MAPPINGS / "langfuse.yml", generation, exported, {**generation, "type": "SPAN"}, {**trace, "output": "yes"}
    )
    first, second, _, fourth = lines
    turn = turn_of(first)
    assert (turn.trace_id, turn.chat_span_id, turn.conversation_id, turn.user_id) == ("t1", "o1", "ses", "u")
    assert (turn.input_tokens, turn.output_tokens, turn.cost_usd, turn.prompt_version) == (5, 6, 0.01, "3")
    assert turn.started_at == 1793606400_250_000
    assert turn.history == (Message("system", "be brief"), Message("user", "a latte"))
    assert turn.reply == (Message("assistant", None, (ToolCall("menu", {"q": "latte"}, "k1"),)),)
    assert turn.error_type is None
    turn = turn_of(second)
    assert (turn.trace_id, turn.model, turn.started_at, turn.error_type) == ("t2", "m", 1793606400_250_000, "ERROR")
    assert (turn.history, turn.reply) == ((Message("user", "hi"),), (Message("assistant", "hello"),))
    assert lines[2].unusable is not None
    assert lines[2].unusable.reason == "not_a_turn"
    assert (turn_of(fourth).trace_id, turn_of(fourth).reply) == ("t3", (Message("assistant", "yes"),))


def test_langsmith(tmp_path: Path) -> None:
    def constructed(kind: str, **kwargs: Any) -> dict[str, Any]:
        return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", kind], "kwargs": kwargs}

    called = constructed("AIMessage", content="", type="ai", tool_calls=[{"id": "k", "name": "menu", "args": {"q": 1}}])
    model_call = {
        "id": "r1",
        "trace_id": "t1",
        "run_type": "llm",
        "start_time": "2026-11-02T08:00:00.250000",
        "extra": {"metadata": {"thread_id": "th", "ls_model_name": "m", "ls_provider": "acme"}},
        "inputs": {
            "messages": [
                [
                    constructed("SystemMessage", content="be brief"),
                    constructed("HumanMessage", content="a latte", type="human"),
                    called,
                    constructed("ToolMessage", content='{"a": 1}', type="tool", tool_call_id="k"),
                ]
            ]
        },
        "outputs": {"generations": [[{"text": "done", "message": constructed("AIMessage", content="done", type="ai")}]]},
        "prompt_tokens": 5,
        "session_id": "project",
    }
    chain = {
        "id": "r2",
        "run_type": "chain",
        "parent_run_id": None,
        "extra": {"metadata": {"thread_id": "th"}},
        "inputs": {"question": "why?"},
        "outputs": {"answer": "so"},
        "error": None,
    }
    lines = read(
        tmp_path, MAPPINGS / "langsmith.yml", model_call, chain, {**chain, "parent_run_id": "r1"}, {**chain, "run_type": "tool"}
    )
    turn = turn_of(lines[0])
    assert (turn.trace_id, turn.chat_span_id, turn.conversation_id) == ("t1", "r1", "th")
    assert (turn.model, turn.provider, turn.input_tokens) == ("m", "acme", 5)
    assert turn.history == (
        Message("system", "be brief"),
        Message("user", "a latte"),
        Message("assistant", None, (ToolCall("menu", {"q": 1}, "k"),)),
        Message("tool", tool_call_id="k", tool_result={"a": 1}),
    )
    assert turn.reply == (Message("assistant", "done"),)
    turn = turn_of(lines[1])
    assert (turn.trace_id, turn.history, turn.reply) == ("r2", (Message("user", "why?"),), (Message("assistant", "so"),))
    assert [line.unusable and line.unusable.reason for line in lines[2:]] == ["not_a_turn", "not_a_turn"]


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("found, query", "'found[', query", 9, "passages.items"),
        ("conversation_id: chat", "conversation_id: 'nope(chat'", 5, "turn.conversation_id"),
        ("answer,", "answer, rol: x,", 8, "reply.rol"),
        ("format: ms", "format: minutes", 6, "times.format"),
        ("us: assistant", "us: narrator", 7, "history.roles.us"),
    ],
)
def test_a_broken_mapping_is_refused_with_its_place(own: Path, old: str, new: str, line: int, key: str) -> None:
    text = own.read_text(encoding="utf-8")
    assert old in text
    own.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyError) as problem:
        load_mapping(own)
    assert f"{own}:{line}: {key}" in str(problem.value)


def test_report_says_what_was_found_and_holds_no_value(tmp_path: Path, own: Path) -> None:
    log = tmp_path / "log.jsonl"
    records = [record(answer="Secret"), record(chat=None), record(kind="heartbeat"), record(words=5)]
    log.write_text("\n\n".join(json.dumps(r) for r in records) + "\n{", encoding="utf-8")
    report = check_mapping(str(log), load_mapping(own))
    assert (report.lines, report.turns) == (5, 1)
    assert report.unusable == {"missing_conversation_id": 1, "not_a_turn": 1, "wrong_types": 1, "truncated_json": 1}
    assert not report.is_good
    fields = {found.field: found for found in report.fields}
    assert (fields["conversation_id"].found, fields["conversation_id"].of) == (2, 3)
    assert (fields["history.text"].found, fields["history.text"].types) == (9, ("text",))
    assert set(report.never_found) == {"model", "feedback.comment", "history.tool_calls", "history.tool_call_id"}
    assert "Secret" not in report.text
    console = Console(width=200, record=True)
    console.print(report.text)
    assert "never found" in console.export_text()
    assert report.text.endswith("Not good yet: conversation_id is absent in 1 of 3 turns, which go to quarantine.")
    good = check_mapping(str(log), load_mapping(own), lines=1)
    assert good.is_good
    assert good.text.endswith("Good: every turn has trace_id and conversation_id.")


def test_report_on_a_log_without_turns_says_so(tmp_path: Path, own: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps(record(kind="heartbeat")) + "\n", encoding="utf-8")
    report = check_mapping(str(log), load_mapping(own))
    assert not report.is_good
    assert report.text.endswith("Not good yet: no line is a turn.")
