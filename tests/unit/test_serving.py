"""A model of this machine is served when it is first asked, once, and not at all where nothing is left to ask."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from goldworks.errors import InputError
from goldworks.evaluation import recording
from goldworks.evaluation.budget import Budget
from goldworks.evaluation.run import run
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import Target, load_target
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT
from tests.unit.test_eval_robust import CASES, VERSION, Same, write_version

SERVED: list[str] = []
"""What was done, in order."""


class Model(BaseHTTPRequestHandler):
    """Says the same to everything."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        SERVED.append("asked")
        usage = {"prompt_tokens": 40, "completion_tokens": 10}
        data = json.dumps({"choices": [{"message": {"role": "assistant", "content": "word"}}], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@contextmanager
def serve() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    SERVED.append("up")
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        SERVED.append("down")


@contextmanager
def away() -> Generator[str]:
    SERVED.append("tried")
    raise OSError("no weights")
    yield ""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    SERVED.clear()
    lake = Lake(tmp_path / "home")
    write_version(lake)
    return lake


def model(tmp_path: Path, function: str = "serve") -> Target:
    path = tmp_path / "model.yml"
    settings = {
        "kind": "openai_chat",
        "base_url": "http://127.0.0.1:9/v1",
        "model": "m",
        "max_tokens": 16,
        "limits": {"concurrency": 4},
    }
    path.write_text(json.dumps({**settings, "served_by": f"{__name__}:{function}"}))
    return load_target(path)


def chat():
    return load_suite(PROJECT_ROOT / "expectations" / "suites" / "chat.yml")


def test_it_is_served_once_and_only_where_something_is_left_to_ask(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Cut(Exception):
        pass

    def cut(name: str) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(recording, "fault_point", cut)
        with pytest.raises(Cut):
            run(lake, VERSION, chat(), model(tmp_path), occasion="o", redactor=Same())
    assert (SERVED[0], SERVED[1:-1], SERVED[-1]) == ("up", ["asked"] * CASES, "down")
    SERVED.clear()
    found = run(lake, VERSION, chat(), model(tmp_path), occasion="o", redactor=Same())
    assert (found.status, found.row["answers"], SERVED) == ("complete", CASES, []), "all answers stood in the journal"
    other = chat().model_copy(update={"name": "other"})
    assert run(lake, VERSION, other, model(tmp_path), occasion="o", redactor=Same()).is_new
    assert SERVED == [], "another suite scores the answers that are there"


def test_a_run_that_stands_at_its_cap_serves_nothing(lake: Lake, tmp_path: Path):
    first = run(lake, VERSION, chat(), model(tmp_path), occasion="o", redactor=Same(), budget=Budget(max_tokens=300))
    assert 0 < first.row["answers"] < CASES
    SERVED.clear()
    again = run(lake, VERSION, chat(), model(tmp_path), occasion="o", redactor=Same(), budget=Budget(max_tokens=300))
    assert (again.row["stopped"], SERVED) == ("budget", [])


def test_what_cannot_be_served_is_tried_once_whoever_waits(lake: Lake, tmp_path: Path):
    with pytest.raises(InputError, match=r"served_by: .*:away fails: OSError: no weights"):
        run(lake, VERSION, chat(), model(tmp_path, "away"), occasion="o", redactor=Same())
    assert SERVED == ["tried"]
