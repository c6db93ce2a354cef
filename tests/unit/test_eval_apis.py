"""The APIs that endpoints speak: responses, streams, JSON schemas, and JSON of their own mapped by JMESPath."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from goldworks.errors import InputError, PolicyError
from goldworks.evaluation.answers import Call, NoAnswer, Question, Reply
from goldworks.evaluation.prices import PriceTable
from goldworks.evaluation.targets import http_session, load_target

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
MESSAGES = (
    {"role": "system", "text": "Be brief."},
    {"role": "user", "text": "Where is my order?"},
    {"role": "assistant", "tool_calls": [{"id": "a1", "name": "find", "arguments": {"q": "order"}}]},
    {"role": "tool", "tool_call_id": "a1", "tool_result": {"state": "sent"}},
    {"role": "user", "text": "And {{ now }}?"},
)
TOOLS = ({"name": "find", "description": "Finds.", "parameters": {"type": "object"}},)
QUESTION = Question("c1", MESSAGES, ({"id": "p1", "text": "Hi there."},), TOOLS, 7)


class Endpoint:
    """Gives the scripted bodies one after the other, the last one for ever."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.asked: list[tuple[str, dict, dict]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append((f"{self.command} {self.path}", dict(self.headers), asked))
                body = endpoint.bodies.pop(0) if len(endpoint.bodies) > 1 else endpoint.bodies[0]
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setattr(http_session, "FIRST_WAIT_SECONDS", 0.01)
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def target(tmp_path, endpoint):
    def make(*bodies: object, **policy):
        endpoint.bodies[:] = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
        path = tmp_path / "bot.yml"
        path.write_text(yaml.safe_dump({"limits": {"attempts": 2, "total_seconds": 10}, **policy}))
        return load_target(path)

    return make


@pytest.fixture
def chat(target, endpoint):
    return lambda *bodies, **policy: target(*bodies, kind="openai_chat", base_url=endpoint.url, model="m", **policy)


def ask(target, question: Question = QUESTION) -> Reply:
    async def asked() -> Reply:
        async with target.prepare(None, []).open(target.limits) as session:
            return await session.ask(question)

    return asyncio.run(asked())


def events(*data: object) -> bytes:
    lines = [f"data: {one if isinstance(one, str) else json.dumps(one)}\n\n" for one in data]
    return "".join(["event: x\n: a comment\n", *lines]).encode()


def message(text: str) -> dict:
    return {"type": "message", "content": [{"type": "output_text", "text": text}]}


RESPONSE = {
    "status": "completed",
    "output": [
        {"type": "reasoning"},
        message("It was "),
        message("sent."),
        {"type": "function_call", "name": "find", "arguments": '{"q": "x"}'},
    ],
    "usage": {"input_tokens": 30, "output_tokens": 4},
}


def test_the_responses_api(chat, endpoint):
    reply = ask(chat(RESPONSE, api="responses", json_schema=SCHEMA))
    assert (reply.text, reply.tool_calls) == ("It was sent.", (Call("find", {"q": "x"}),))
    assert (reply.input_tokens, reply.output_tokens) == (30, 4)
    ((where, _, sent),) = endpoint.asked
    assert where == "POST /responses"
    assert sent["input"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Where is my order?"},
        {"type": "function_call", "call_id": "a1", "name": "find", "arguments": '{"q":"order"}'},
        {"type": "function_call_output", "call_id": "a1", "output": '{"state":"sent"}'},
        {"role": "user", "content": "And {{ now }}?"},
    ]
    assert sent["tools"][0]["name"] == "find"
    assert sent["text"]["format"] == {"type": "json_schema", "name": "answer", "schema": SCHEMA, "strict": True}
    assert (sent["max_output_tokens"], sent["store"], "seed" in sent) == (512, False, False)


def test_a_schema_goes_with_chat_completions_too(chat, endpoint):
    ask(chat({"choices": [{"message": {"content": "{}"}}]}, json_schema=SCHEMA))
    wanted = endpoint.asked[0][2]["response_format"]
    assert (wanted["type"], wanted["json_schema"]["schema"]) == ("json_schema", SCHEMA)


@pytest.mark.parametrize(
    "body",
    [{"status": "failed", "error": {"message": "x"}, "output": []}, {"output": 1}, {"choices": []}, b"\xff", b'{"output": ["'],
)
def test_responses_that_are_none_are_asked_for_again(chat, endpoint, body):
    with pytest.raises(NoAnswer, match="undecodable_body"):
        ask(chat(body, api="responses"))
    assert len(endpoint.asked) == 2


def delta(**what) -> dict:
    return {"choices": [{"delta": what}]}


CALL = [{"index": 0, "function": {"name": "find", "arguments": '{"q"'}}]
STREAM = [
    delta(role="assistant"),
    delta(content="Caf"),
    delta(content="\xe9."),
    delta(tool_calls=CALL),
    delta(tool_calls=[{"index": 0, "function": {"arguments": ': "x"}'}}]),
    {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3}},
]


def test_a_stream_of_chat_completions(chat, endpoint):
    reply = ask(chat(events(*STREAM, "[DONE]"), stream=True))
    assert (reply.text, reply.tool_calls) == ("Caf\xe9.", (Call("find", {"q": "x"}),))
    assert (reply.input_tokens, reply.output_tokens) == (9, 3)
    assert 0 < reply.first_token_ms <= reply.latency_ms
    assert endpoint.asked[0][2]["stream_options"] == {"include_usage": True}


def test_a_stream_of_responses(chat):
    body = events({"type": "response.output_text.delta", "delta": "It"}, {"type": "response.completed", "response": RESPONSE})
    reply = ask(chat(body, api="responses", stream=True))
    assert (reply.text, reply.input_tokens) == ("It was sent.", 30)
    assert reply.first_token_ms is not None


@pytest.mark.parametrize(
    ("api", "body"),
    [
        ("chat", events(*STREAM[:3])),
        ("chat", events(STREAM[1], '{"choices": [{"del')),
        ("chat", events(*STREAM).replace(b"Caf", b"\xff\xfe")),
        ("chat", events(delta(content=5), STREAM[5])),
        ("chat", b""),
        ("responses", events({"type": "response.output_text.delta", "delta": "It"})),
        ("responses", events({"type": "response.failed", "response": {}})),
        ("responses", events({"type": "response.completed", "response": {"output": 1}})),
    ],
)
def test_a_stream_that_was_cut_or_damaged_is_asked_for_again(chat, endpoint, api, body):
    with pytest.raises(NoAnswer, match="undecodable_body"):
        ask(chat(body, api=api, stream=True))
    assert len(endpoint.asked) == 2


def test_files_of_before_keep_their_digest(chat):
    configuration = chat({}).configuration()
    assert not {"api", "stream", "json_schema"} & configuration.keys()
    assert chat({}, stream=True).configuration()["stream"] is True


# http_json


@pytest.fixture
def own(target, endpoint):
    def make(*bodies: object, answer: dict | None = None, **policy):
        body = {"question": "{{ question }}", "history": {"$": "messages"}, "k": 3, "docs": ["{{ passages[0].id }}", True]}
        mapped = answer or {"text": "result.answer"}
        return target(*bodies, **{"kind": "http_json", "url": f"{endpoint.url}/ask", "body": body, "answer": mapped, **policy})

    return make


def test_a_body_filled_and_an_answer_mapped(own, endpoint, monkeypatch):
    monkeypatch.setenv("BOT_TOKEN", "sk-canary-7c1f")
    mapped = {
        "text": "result.parts[].text",
        "tool_calls": "result.actions[].{name: tool, arguments: input}",
        "input_tokens": "meta.read",
        "output_tokens": "meta.wrote",
        "error": "error",
    }
    said = {
        "result": {"parts": [{"text": "It was "}, {"text": "sent."}], "actions": [{"tool": "find", "input": {"q": 1}}]},
        "meta": {"read": 100, "wrote": 50},
    }
    bot = own(
        {"error": "busy"}, said, answer=mapped, method="PUT", headers={"X-Team": "qa"}, headers_env={"X-Api-Key": "BOT_TOKEN"}
    )
    reply = ask(bot)
    assert (reply.text, reply.tool_calls, reply.attempts) == ("It was sent.", (Call("find", {"q": 1}),), 2)
    assert (reply.input_tokens, reply.output_tokens) == (100, 50)
    where, headers, sent = endpoint.asked[0]
    assert (where, headers["X-Team"], headers["X-Api-Key"]) == ("PUT /ask", "qa", "sk-canary-7c1f")
    assert sent == {"question": "And {{ now }}?", "history": [*MESSAGES], "k": 3, "docs": ["p1", True]}
    assert "sk-canary" not in json.dumps(bot.configuration())


def test_its_model_has_its_price(own):
    price = {"model": "m*", "input_usd_per_million": 1, "output_usd_per_million": 2, "as_of": "2026-11-01", "source": "s"}
    table = PriceTable.model_validate({"version": 1, "currency": "USD", "prices": [price]})
    mapped = {"text": "a", "input_tokens": "i", "output_tokens": "o"}
    bot = own({"a": "x", "i": 1_000_000, "o": 500_000}, answer=mapped, model="m1").priced(table.of("m1"))
    assert ask(bot).cost_usd == 2


@pytest.mark.parametrize(
    "body", [{"result": {}}, {"result": {"answer": {"a": 1}}}, {"result": {"answer": [1]}}, [], b"\xff", b""]
)
def test_a_body_without_an_answer_is_asked_for_again(own, endpoint, body):
    with pytest.raises(NoAnswer, match="undecodable_body"):
        ask(own(body))
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"answer": {"text": "a["}}, r"answer.text: .*not JMESPath"),
        ({"body": {"q": "{{ question"}}, r"body: .*not a template: line 1"),
        ({"body": {"q": {"$": "mesages"}}}, r"body: .*'mesages' is not known; one of messages, passages, tools, seed"),
        ({"headers": {"Authorization": "Bearer x"}}, r"headers: .*belongs into headers_env"),
        ({"headers_env": {"Authorization": "Bearer x"}}, r"headers_env.Authorization: "),
        ({"url": "http://u:p@host/"}, r"url: .*must hold no user"),
    ],
)
def test_a_file_that_cannot_work_is_refused_with_its_place(own, policy, says):
    with pytest.raises(PolicyError, match=rf"bot.yml:\d+: {says}"):
        own({}, **policy)


def test_a_key_that_is_not_set_is_named(own, monkeypatch):
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    with pytest.raises(InputError, match="BOT_TOKEN is not set"):
        ask(own({}, headers_env={"Authorization": "BOT_TOKEN"}))
