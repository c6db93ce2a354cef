"""docs/bridges.md is followed literally: its files are written as they stand, its commands run in order, by the tools themselves
where they are here. Where one is not, what it once wrote on the same file stands in, and the output says so in capitals.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bridge_cases import FOLDER, VERSION, write_shop

from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "bridges.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```\w+ ([\w./-]+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
LINES = [
    line for console in re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) for line in console.splitlines()
]
RECORDED = {
    "promptfoo": (("cases.json", "promptfoo/cases.json"), ("output.json", "promptfoo/output.json")),
    "inspect": (
        ("cases.jsonl", "inspect/cases.jsonl"),
        ("logs/2026-11-03T12-00-00-00-00_shop_recorded.eval", "inspect/shop.eval"),
    ),
    "oaieval": (
        ("registry/data/shop/samples.jsonl", "openai-evals/samples.jsonl"),
        ("record.jsonl", "openai-evals/record.jsonl"),
    ),
}
"""Tool -> ((the file it is given, the same among the fixtures), (the file it writes, the same among the fixtures))."""

ENDS = {"promptfoo": (0, 100), "goldworks gate": (0, 1, 2, 3), "goldworks eval import": (0, 3)}
"""Exit codes other than 0 that are answers: cases failed; the verdict; answers are missing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home with the version that the fixtures were made from, and one of the sample's orders; the page's files."""
    lake = Lake(tmp_path / "home")
    write_shop(lake)
    now, orders = datetime(2026, 11, 3, tzinfo=UTC), "harbor-orders-0123456789ab"
    row: dict[str, Any] = {
        "use_case": "harbor-orders",
        "tier": "T2",
        "origin": "authored",
        "tags": [],
        "parents": [],
        "case_digest": "d",
    }
    row |= {"messages": json.dumps([{"role": "user", "text": "Please cancel order HO-10023."}]), "passages": "[]", "tools": "[]"}
    row |= {"case_id": "confirm", "version_id": orders, "expected": json.dumps({"forbidden_tools": ["cancel_order"]})}
    lake.replace("golden.cases", [row], {"version_id": orders})
    version = {
        "version_id": orders,
        "use_case": "harbor-orders",
        "content_digest": "d",
        "cases": 1,
        "approvers": [],
        "owner": "o",
    }
    lake.upsert("golden.versions", [{**version, "minted_at": now, "current_at": now, "is_tombstone": False}])
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    shutil.copy(FOLDER / "promptfoo" / "assistant.mjs", tmp_path)
    return tmp_path


def stands_in(folder: Path, tool: str) -> None:
    """Put what the tool once wrote in its place, if it was given the same file."""
    (given, then), (writes, wrote) = RECORDED[tool]
    assert (folder / given).read_text(encoding="utf-8") == (FOLDER / then).read_text(encoding="utf-8")
    (folder / writes).parent.mkdir(exist_ok=True)
    shutil.copy(FOLDER / wrote, folder / writes)


@pytest.mark.slow
def test_the_page_followed(folder: Path, capsys: pytest.CaptureFixture[str]):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("GOLDWORKS_", "DAGSTER_", "INSPECT_"))
    }
    environment |= {
        "GOLDWORKS_HOME": "home",
        "GOLDWORKS_EXPECTATIONS": str(PROJECT_ROOT / "expectations"),
        "GOLDWORKS_NAMES": "off",
    }
    environment |= {"PYTHONWARNINGS": "ignore", "PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1"}
    environment |= {"PROMPTFOO_CONFIG_DIR": str(folder / "promptfoo-home")}
    ran: dict[str, subprocess.CompletedProcess[str]] = {}
    absent: list[str] = []
    for line in LINES:
        words = shlex.split(line)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            environment[name] = value
            continue
        if words[0] in RECORDED and shutil.which(words[0]) is None:
            stands_in(folder, words[0])
            absent.append(words[0])
            continue
        ours = {"goldworks": [sys.executable, "-m", "pipelines.cli"], "pytest": [sys.executable, "-m", "pytest", "-rA"]}
        path = {"PYTHONPATH": str(PROJECT_ROOT)} if words[0] in ours else {}
        given = [file for word in words[1:] for file in (map(str, sorted(folder.glob(word))) if "*" in word else [word])]
        command = [*ours.get(words[0], words[:1]), *given]
        made = subprocess.run(command, cwd=folder, env=environment | path, capture_output=True, text=True, check=False)
        allowed = next((codes for start, codes in ENDS.items() if line.startswith(start)), (0,))
        assert made.returncode in allowed, (line, made.stdout, made.stderr)
        ran[line] = made
    if absent:
        with capsys.disabled():
            print(f"\nNOT RUN HERE, FOR THEY ARE NOT ON THE PATH: {', '.join(absent)}. THEIR RECORDED RESULTS STOOD IN.")
    said = {
        line.split(" ")[0] if not line.startswith("goldworks") else " ".join(line.split(" ")[:3]): made
        for line, made in ran.items()
    }
    lake = Lake(folder / "home")
    runs = {
        (row["target_kind"], row["release"], row["suite"])
        for row in lake.rows("evals.runs", where=[("version_id", "=", VERSION)])
    }
    assert runs == {("promptfoo", "1.0", "chat"), ("inspect", "1.1", "chat")}
    assert "facts_required" in said["goldworks eval compare"].stdout
    assert "8 cases in common of 8 and 8." in said["goldworks eval compare"].stdout
    assert "shop 1.1 against 1.0" in re.sub(r"\s+", " ", said["goldworks gate --release"].stdout)
    assert "1 passed" in said["pytest"].stdout
    record = [json.loads(one) for one in (folder / "record.jsonl").read_text(encoding="utf-8").splitlines()]
    assert next(one["final_report"]["accuracy"] for one in record if "final_report" in one) == 0.6
    assert {one["data"]["correct"] for one in record if one.get("type") == "match"} == {True, False}
