"""The second process of the demo: it asks its half at its own endpoint, and where it cannot, nothing is lost."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from goldworks.evaluation.journal import FILE
from goldworks.lake import Lake
from pipelines.demo_halves import THEIRS, other_half

VERSION = "shop-0123456789ab"
IDS = [f"case{number}" for number in range(8)]


class Answers(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][-1]["content"])
        self.server.may_answer.wait(60)
        body = json.dumps({"choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.asked, made.may_answer = [], threading.Event()
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield made
    made.may_answer.set()
    made.shutdown()
    made.server_close()


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_NAMES", "off")
    row = {
        "version_id": VERSION,
        "use_case": "shop",
        "tier": "T2",
        "origin": "authored",
        "tags": [],
        "passages": "[]",
        "tools": "[]",
        "expected": json.dumps({"reference": "Yes."}),
        "parents": [],
        "case_digest": "d",
    }
    rows = [{**row, "case_id": name, "messages": json.dumps([{"role": "user", "text": name}])} for name in IDS]
    lake, now = Lake(tmp_path / "home"), datetime(2026, 11, 3, tzinfo=UTC)
    lake.replace("golden.cases", rows, {"version_id": VERSION})
    version = {"version_id": VERSION, "use_case": "shop", "content_digest": "d", "cases": len(IDS), "approvers": [], "owner": "o"}
    lake.upsert("golden.versions", [{**version, "minted_at": now, "current_at": now, "is_tombstone": False}])
    target = tmp_path / "bot.yml"
    target.write_text("kind: openai_chat\nbase_url: http://127.0.0.1:9/v1\nmodel: m\n", encoding="utf-8")
    said = {"use-case": "shop", "release": "1", "target": str(target), "suite": "chat", "version": VERSION}
    return [text for name, value in said.items() for text in (f"--{name}", value)]


def test_it_asks_its_half_at_its_own_endpoint_and_keeps_the_answers_for_the_run(arguments, server, tmp_path):
    server.may_answer.set()
    with other_half(arguments, f"http://127.0.0.1:{server.server_port}/v1"):
        pass
    theirs = sorted(name for name in IDS if THEIRS.takes(name))
    assert 0 < len(theirs) < len(IDS)
    assert sorted(server.asked) == theirs
    (journal,) = (tmp_path / "home" / "runs").glob(f"*-2of2/{FILE}")
    assert len(journal.read_text(encoding="utf-8").splitlines()) >= len(theirs)


def test_it_ends_with_a_block_that_fails(arguments, server):
    def failing() -> None:
        with other_half(arguments, f"http://127.0.0.1:{server.server_port}/v1"):
            assert len(halves()) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert halves() == [], "it would wait for answers that do not come"


def halves() -> list[psutil.Process]:
    """Processes of ours that ask a part; what other tests left behind may be ending."""
    found: list[psutil.Process] = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            found += [child] if "--part" in child.cmdline() else []
    return found
