"""The endpoint target against a real server on this machine: what goes wrong on a wire becomes a row, and no key gets out."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import orjson
import pytest
import yaml

from goldworks.errors import InputError
from goldworks.evaluation.answers import Call, NoAnswer, Question, Reply
from goldworks.evaluation.config import RunConfig
from goldworks.evaluation.run import run
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import http_session, load_target
from goldworks.evaluation.targets.http_session import retry_after
from goldworks.evaluation.targets.protocol import Unreachable
from goldworks.lake import Lake
from goldworks.redaction import RedactedDocument, RedactedField

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
CANARY = "sk-canary-7c1f09d2"


def completion(text: str | None = "Hello.", **message) -> dict:
    usage = {"prompt_tokens": 10, "completion_tokens": 2}
    return {"choices": [{"message": {"role": "assistant", "content": text, **message}}], "usage": usage}


class Endpoint:
    """A server that gives the scripted responses one after the other, the last one for ever; it keeps what it was asked."""

    def __init__(self) -> None:
        self.script: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.asked: list[dict] = []
        self.headers: list[dict] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                endpoint.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                endpoint.headers.append({**dict(self.headers), ":path": self.path})
                (endpoint.script.pop(0) if len(endpoint.script) > 1 else endpoint.script[0])(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"


def sends(body: object, status: int = 200, kind: str = "application/json", length: int | None = None, **headers: str):
    """A response. A `length` longer than the body cuts the connection in the middle of it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(length or len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)
        handler.close_connection = True

    return respond


def sleeps(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.4)
    handler.close_connection = True


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setattr(http_session, "FIRST_WAIT_SECONDS", 0.01)
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def target(tmp_path, endpoint):
    def make(*script, base_url: str | None = None, **policy):
        endpoint.script[:] = script or [sends(completion())]
        limits = {"attempts": 3, "attempt_seconds": 5, "total_seconds": 10, **policy.pop("limits", {})}
        settings = {"kind": "openai_chat", "base_url": endpoint.base_url, "model": "m", "limits": limits, **policy}
        path = tmp_path / "bot.yml"
        path.write_text(yaml.safe_dump(settings))
        return load_target(path, base_url=base_url)

    return make


QUESTION = Question("c1", ({"role": "user", "text": "Hi?"},), ({"id": "p1", "text": "Hi there."},), ({"name": "look_up"},), 7)


def ask(target, question: Question = QUESTION) -> Reply:
    async def asked() -> Reply:
        async with target.prepare(None, []).open(target.limits) as session:
            return await session.ask(question)

    return asyncio.run(asked())


def error_of(target) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        ask(target)
    return caught.value


def test_an_answer_with_its_tokens_and_cost(target, endpoint):
    reply = ask(target(prices={"input_usd_per_million": 1.0, "output_usd_per_million": 5.0}))
    assert (reply.text, reply.input_tokens, reply.output_tokens, reply.attempts) == ("Hello.", 10, 2, 1)
    assert reply.cost_usd == pytest.approx(20e-6)
    assert reply.latency_ms is not None
    assert endpoint.headers[0][":path"] == "/v1/chat/completions"


def test_what_is_sent(target, endpoint):
    bot = target(
        system="Use: {% for p in passages %}[{{ p.id }}] {{ p.text }}{% endfor %}", user="Q: {{ question }}", extra={"top_p": 0.5}
    )
    ask(bot)
    (sent,) = endpoint.asked
    assert sent["messages"] == [
        {"role": "system", "content": "Use: [p1] Hi there."},
        {"role": "user", "content": "Q: Hi?"},
    ]
    assert (sent["model"], sent["temperature"], sent["seed"], sent["top_p"]) == ("m", 0, 7, 0.5)
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["look_up"]


def test_text_of_a_case_is_never_a_template(target, endpoint):
    ask(target(user="{{ question }}"), Question("c1", ({"role": "user", "text": "{{ 7 * 7 }}"},)))
    assert endpoint.asked[0]["messages"][-1]["content"] == "{{ 7 * 7 }}"


def test_tool_calls_with_arguments_as_text_or_not_json(target):
    calls = [
        {"id": "1", "type": "function", "function": {"name": "find", "arguments": '{"q": "shoes"}'}},
        {"id": "2", "type": "function", "function": {"name": "find", "arguments": "{q: "}},
        {"id": "3", "type": "function", "function": {"name": "stop", "arguments": ""}},
    ]
    reply = ask(target(sends(completion(None, tool_calls=calls))))
    assert reply.tool_calls == (Call("find", {"q": "shoes"}), Call("find", "{q: "), Call("stop", {}))


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (sends(b'{"choices": [{"mess'), "undecodable_body"),
        (sends(b"<html>Bad gateway</html>", kind="text/html"), "undecodable_body"),
        (sends(b"\xff\xfe{}"), "undecodable_body"),
        (sends(json.dumps(completion("caf\xe9"), ensure_ascii=False).encode("latin-1")), "undecodable_body"),
        (sends(b'{"choices":[{"message":{"content":"\\ud83d"}}]}'), "undecodable_body"),
        (sends(b""), "undecodable_body"),
        (sends({"choices": []}), "undecodable_body"),
        (sends({"error": {"message": "overloaded"}}), "undecodable_body"),
        (sends([1]), "undecodable_body"),
        (sends(completion({"a": 1})), "undecodable_body"),
        (sends(b'{"choices"', length=999), "connection_lost"),
        (sends(gzip.compress(b"{}")[:-9], Content_Encoding="gzip"), "undecodable_body"),
        (sends({}, status=503), "http_503"),
        (sends({}, status=429), "http_429"),
    ],
)
def test_what_may_pass_is_tried_again_and_then_an_error(target, endpoint, response, error):
    failed = error_of(target(response))
    assert (failed.error, failed.attempts, len(endpoint.asked)) == (error, 3, 3)
    mended = ask(target(response, sends(completion())))
    assert (mended.text, mended.attempts) == ("Hello.", 2)


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_what_will_not_change_is_asked_once(target, endpoint, status):
    assert error_of(target(sends({}, status=status, Location="http://127.0.0.1:1/v1"))).error == f"http_{status}"
    assert len(endpoint.asked) == 1


def test_strange_usage_does_not_cost_the_answer(target):
    assert ask(target(sends({**completion(), "usage": [1]}))).input_tokens is None
    assert ask(target(sends({**completion(), "usage": {"prompt_tokens": "ten"}}))).input_tokens is None


def test_nobody_listens(target):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    there = f"http://127.0.0.1:{port}/v1"
    assert error_of(target(base_url=there, limits={"total_seconds": 0.05})).error == "connection_refused"
    with pytest.raises(Unreachable, match=r"target bot has taken no connection for 0 s\n.*run the same command again"):
        ask(target(base_url=there, limits={"unreachable_seconds": 0.05}))


def test_a_slow_server_is_given_up(target):
    failed = error_of(target(sleeps, limits={"attempt_seconds": 0.1, "attempts": 2}))
    assert (failed.error, failed.attempts) == ("timeout", 2)


def test_retry_after_is_heeded_up_to_the_limit_of_the_question(target, endpoint):
    waits: list[float] = []
    real = asyncio.sleep

    async def noted(seconds: float) -> None:
        waits.append(seconds)
        await real(0)

    bot = target(sends({}, status=429, Retry_After="4"), sends(completion()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http_session.asyncio, "sleep", noted)
        assert ask(bot).attempts == 2
    assert 4 <= waits[0] < 5
    assert error_of(target(sends({}, status=429, Retry_After="3600"))).attempts == 1  # longer than the question may take


def test_retry_after_in_its_spellings():
    assert retry_after("7") == 7
    assert retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)) == pytest.approx(60, abs=3)
    assert retry_after("soon") == retry_after(None) == retry_after("-5") == 0


# Runs


class Same:
    """A redactor that finds nothing."""

    def redact(self, documents):
        return [
            RedactedDocument(d.conversation_id, tuple(RedactedField(f.owner, f.name, f.value, ()) for f in d.fields))
            for d in documents
        ]


@pytest.fixture
def lake(tmp_path):
    case = {
        "version_id": "shop-0123",
        "use_case": "shop",
        "tier": "T2",
        "origin": "authored",
        "tags": [],
        "messages": orjson.dumps([{"role": "user", "text": "Hi?"}]).decode(),
        "passages": "[]",
        "tools": "[]",
        "expected": orjson.dumps({"reference": "Hello."}).decode(),
        "parents": [],
        "case_digest": "d",
    }
    version = {"version_id": "shop-0123", "use_case": "shop", "content_digest": "d", "cases": 2, "approvers": [], "owner": "o"}
    lake = Lake(tmp_path / "home")
    lake.replace("golden.cases", [{**case, "case_id": f"case{n}"} for n in range(2)], {"version_id": "shop-0123"})
    lake.upsert("golden.versions", [{**version, "minted_at": NOW, "current_at": NOW, "is_tombstone": False}])
    return lake


SUITE = load_suite(ROOT / "expectations" / "suites" / "chat.yml")


def test_errors_of_the_wire_are_rows_and_the_rest_is_scored(target, lake):
    bot = target(sends({}, status=400), sends(completion()), limits={"concurrency": 1})
    result = run(lake, "shop-0123", SUITE, bot, occasion="o", redactor=Same())
    assert (result.status, result.row["answers"], result.row["missing"]) == ("inconclusive", 1, 1)
    assert (result.estimates["exact"].value, result.estimates["token_f1"].value) == (None, 1.0)
    assert sorted((row["status"], row["error"]) for row in lake.rows("evals.answers")) == [("error", "http_400"), ("ok", None)]


def test_the_key_reaches_the_endpoint_and_nothing_else(target, endpoint, lake, monkeypatch, capfd):
    monkeypatch.setenv("BOT_KEY", CANARY)
    bot = target(sends({}, status=401), sends(completion()), api_key_env="BOT_KEY", limits={"concurrency": 1})
    result = run(lake, "shop-0123", SUITE, bot, occasion="o", redactor=Same())
    assert {headers["Authorization"] for headers in endpoint.headers} == {f"Bearer {CANARY}"}
    assert CANARY not in result.row["config"]
    assert "BOT_KEY" in result.row["config"]  # its name is no secret: it says which account was asked
    assert CANARY not in "".join(capfd.readouterr())
    files = [path for path in lake.home.rglob("*") if path.is_file()]
    assert any("answers" in str(path) for path in files)
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    rows = [str(lake.rows(key)) for key in ("evals.runs", "evals.answers", "evals.scores")]
    assert CANARY not in "".join(rows)


def test_a_key_that_is_not_set_stops_the_run_before_anything_is_asked(target, endpoint, lake, monkeypatch):
    monkeypatch.delenv("BOT_KEY", raising=False)
    with pytest.raises(InputError, match=r"BOT_KEY is not set\n.*export BOT_KEY="):
        run(lake, "shop-0123", SUITE, target(api_key_env="BOT_KEY"), occasion="o", redactor=Same())
    assert endpoint.asked == []


def test_the_same_endpoint_at_another_address_is_the_same_run(target, endpoint, lake, monkeypatch):
    there = {"base_url_env": "BOT_URL"}
    elsewhere = endpoint.base_url
    config = [
        RunConfig.of("v", SUITE, bot, bot.prepare(lake, []), 0, 1).digest
        for bot in (target(**there), target(base_url="http://127.0.0.1:9/v1", **there))
    ]
    assert config[0] == config[1]
    written = {"kind": "openai_chat", "base_url": "http://127.0.0.1:9/v1", "model": "m", "base_url_env": "BOT_URL"}
    file = lake.home.parent / "bot.yml"
    file.write_text(yaml.safe_dump(written))
    monkeypatch.setenv("BOT_URL", elsewhere)
    assert ask(load_target(file)).text == "Hello."
    monkeypatch.setenv("BOT_URL", "http://user:word@host/v1")
    with pytest.raises(InputError, match="BOT_URL: must hold no user") as caught:
        ask(load_target(file))
    assert "word@" not in str(caught.value)
    with pytest.raises(InputError, match="no base URL"):
        load_target(ROOT / "expectations" / "targets" / "recorded.yml", base_url=elsewhere)


def test_another_file_address_or_prompt_is_another_configuration(target):
    digests = {msgspec.json.encode(bot.configuration()) for bot in (target(), target(system="Be kind."), target(model="n"))}
    assert len(digests) == 3
    assert b"limits" not in next(iter(digests))
