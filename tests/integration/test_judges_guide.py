"""docs/judges.md is followed literally, with a mock judge on this machine."""

from __future__ import annotations

import json
import re
import shlex
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main

PAGE = (PROJECT_ROOT / "docs" / "judges.md").read_text(encoding="utf-8")
CASES = """\
- case_id: track-by-number
  use_case: harbor-orders
  question: Where is my order HO-10023?
  expected: {reference: It is on its way.}
- case_id: own-rubric
  use_case: harbor-orders
  question: Where is my order HO-20417?
  expected: {rubric: Names the order., reference: It is packed.}
"""


class Judge(BaseHTTPRequestHandler):
    """Gives the third of the four levels, and prefers the longer answer."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        material = json.loads(asked["messages"][-1]["content"])
        is_pair = "A" in material
        verdict = {"better": "A" if len(material["A"]) > len(material["B"]) else "B"} if is_pair else {"score": 3}
        content = json.dumps({"reason": "so", **verdict})
        data = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}], "usage": {}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def test_the_guide_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Judge)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    for name, value in {"GOLDWORKS_HOME": str(tmp_path / "home"), "GOLDWORKS_NAMES": "off"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JUDGE_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("DAGSTER_HOME", "set by the commands, put back after the test")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    Path("cases.yaml").write_text(CASES, encoding="utf-8")

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        told = capsys.readouterr()
        assert ended.value.code == 0, told
        return told.out

    run("golden", "import", "cases.yaml", "--author", "Ann")
    run("golden", "approve", "harbor-orders", "--all", "--by", "Bea")
    run("golden", "mint", "harbor-orders")
    (written,) = re.findall(r"^```yaml (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    Path(written[0]).write_text(written[1], encoding="utf-8")
    (command,) = re.findall(r"^\$ goldworks (.*)$", PAGE, re.MULTILINE)
    told = run(*shlex.split(command), "--json")
    metrics = json.loads(told[told.index("{") :])["metrics"]
    assert (metrics["helpful"]["value"], metrics["helpful"]["n"], metrics["helpful"]["is_judge"]) == (
        pytest.approx(2 / 3),
        2,
        True,
    )
    assert (metrics["preferred"]["value"], metrics["preferred"]["is_judge"]) == (1, True)
    assert (metrics["position_consistency"]["value"], metrics["position_consistency"]["is_judge"]) == (1, True)
    server.shutdown()
    server.server_close()
