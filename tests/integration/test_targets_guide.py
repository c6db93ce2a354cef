"""docs/targets.md is followed literally: its files are written as they stand, its commands run in order, against endpoints that
answer as the page says. The golden version has two cases of the sample's use case."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "targets.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```\w+ ([\w.-]+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
CONSOLES = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
VERSION = "harbor-orders-0123456789ab"


class Answers(BaseHTTPRequestHandler):
    """A stream of chat completions, or the JSON of section 3."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], asked))
        if self.path == "/v1/chat/completions":
            pieces = [{"delta": {"content": '{"answer": "Sent."}'}}, {"delta": {}, "finish_reason": "stop"}]
            body = "".join(f"data: {json.dumps({'choices': [piece]})}\n\n" for piece in pieces) + "data: [DONE]\n\n"
        else:
            reply = {"parts": [{"text": "It was sent."}], "actions": [{"tool": "find", "input": {}}]}
            body = json.dumps({"reply": reply, "usage": {"read": 9, "wrote": 3}})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.asked = []
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def folder(tmp_path):
    lake = Lake(tmp_path / "home")
    row = {
        "version_id": VERSION,
        "use_case": "harbor-orders",
        "tier": "T2",
        "origin": "authored",
        "tags": [],
        "messages": json.dumps([{"role": "user", "text": "Where is my order?"}]),
        "passages": "[]",
        "tools": "[]",
        "expected": json.dumps({"reference": "sent"}),
        "parents": [],
        "case_digest": "d",
    }
    lake.replace("golden.cases", [{**row, "case_id": f"case{n}"} for n in range(2)], {"version_id": VERSION})
    now = datetime(2026, 11, 3, tzinfo=UTC)
    version = {
        "version_id": VERSION,
        "use_case": "harbor-orders",
        "content_digest": "d",
        "cases": 2,
        "approvers": [],
        "owner": "o",
    }
    lake.upsert("golden.versions", [{**version, "minted_at": now, "current_at": now, "is_tombstone": False}])
    shutil.copytree(PROJECT_ROOT / "expectations", tmp_path / "expectations")
    for name, text in FILES.items():
        (tmp_path / ("expectations/targets" if name.endswith(".yml") else ".") / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_the_page_followed(folder: Path, server):
    address = f"http://127.0.0.1:{server.server_port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GOLDWORKS_")}
    environment |= {"GOLDWORKS_HOME": "home", "GOLDWORKS_EXPECTATIONS": "expectations", "GOLDWORKS_NAMES": "off"}
    environment |= {"MY_MODEL_URL": f"{address}/v1", "MY_ENDPOINT_URL": f"{address}/ask", "PYTHONWARNINGS": "ignore"}
    done: list[str] = []
    for line in (line for console in CONSOLES for line in console.splitlines()):
        words = shlex.split(line)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            environment[name] = f"{value}{os.pathsep}{PROJECT_ROOT}" if name == "PYTHONPATH" else value
            continue
        assert words[0] == "goldworks"
        command = [sys.executable, "-m", "pipelines.cli", *words[1:], *([] if "--part" in words else ["--json"])]
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, (line, ran.stderr)
        done.append(line)
        if "--part" not in words:
            said = json.loads(ran.stdout)
            assert (said["status"], said["answers"]) == ("complete", 2), line
    assert len(done) == 8
    lake = Lake(folder / "home")
    runs = {row["run_id"]: row["target"] for row in lake.rows("evals.runs")}
    answers = {runs[row["run_id"]]: row for row in lake.rows("evals.answers")}
    assert answers["my-assistant"]["text"] == "Hello. You asked: Where is my order?"
    assert json.loads(answers["my-assistant"]["tool_calls"])[0]["name"] == "look_up"
    assert answers["my-model"]["text"] == '{"answer": "Sent."}'
    assert answers["my-model"]["first_token_ms"] is not None
    assert (answers["my-endpoint"]["text"], answers["my-endpoint"]["input_tokens"]) == ("It was sent.", 9)
    keys = {path: key for path, key, _ in server.asked}
    assert keys == {"/v1/chat/completions": "Bearer ...", "/ask": "Bearer ..."}
    assert (folder / "home" / "cache" / "answers.sqlite").exists()
