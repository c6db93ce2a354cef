"""The templates of `ci/` do what they say: their commands, run as plain shell in an empty home, pull, evaluate and judge."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from release_home import VERSION, approve_as_it_stands, write_home

from goldworks.access.signing import Signer
from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.release.bundle import pull, push
from goldworks.release.smoke import Terms
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics.power import cases_for_margin

CI = PROJECT_ROOT / "ci"
CASES = 620
EXPECTED = {"reference": "Gladly. Where should we ship it?", "facts_required": ["ship it"], "facts_forbidden": ["refund"]}


def environment(root: Path, home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GOLDWORKS_HOME": str(home),
        "GOLDWORKS_EXPECTATIONS": str(root / "goldworks"),
        "GOLDWORKS_BUNDLE": str(root / "shop.jsonl.gz"),
        "GOLDWORKS_CODE": str(root / "nowhere"),
        "GOLDWORKS_TRUSTED_KEYS": Signer(root / "home").key_id,
        "USE_CASE": "shop",
        "SUITE": "chat",
        "BASELINE": "1",
    }


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository under test with the policies as they ship (the use case is of tier T2), approved in the home that pushed a
    part of its golden version with the baseline's run.
    """
    root = tmp_path_factory.mktemp("repository")
    lake = write_home(root, {}, CASES)
    shutil.copy(PROJECT_ROOT / "expectations" / "gates" / "chat.yml", root / "expectations" / "gates")
    approve_as_it_stands(root)
    (root / "expectations" / "keys").mkdir()
    shutil.copy(root / "home" / "keys" / "signing.pub", root / "expectations" / "keys")
    (root / "expectations").rename(root / "goldworks")
    target = (root / "goldworks" / "targets" / "harbor-orders-1.1.yml").read_text()
    (root / "goldworks" / "targets" / "broken.yml").write_text(target.replace("demo.orders", "demo.mail_agent"))
    shutil.rmtree(root / "goldworks" / "releases", ignore_errors=True)
    message = orjson.dumps([{"role": "user", "text": "I want to order one Tern 12 kayak"}]).decode()
    rows = lake.rows("golden.cases")
    changed = [{**row, "messages": message, "expected": orjson.dumps(EXPECTED).decode()} for row in rows]
    lake.replace("golden.cases", changed, {"version_id": VERSION})
    command = "goldworks eval run --use-case shop --suite chat --target harbor-orders-1.1 --release 1 --no-track"
    done = subprocess.run(
        ["bash", "-c", command], check=False, cwd=root, env=environment(root, root / "home"), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    bundle = push(lake, "shop", str(root / "shop.jsonl.gz"), "1", Terms(0.05))
    assert bundle.cases == cases_for_margin(0.1, 0.05)
    (root / "goldworks" / "goldworks.sha256").write_text(bundle.sha256 + "\n")
    return root


def commands(name: str) -> list[str]:
    plain: Any = yaml.safe_load((CI / name).read_text())
    if "jobs" in plain:
        steps = plain["jobs"]["gate"]["steps"]
        return [step["run"] for step in steps if step.get("name") in ("golden version and baseline", "evaluation", "verdict")]
    return plain["release_gates"]["script"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("template", "target", "code"),
    [("github-action.yml", "harbor-orders-1.1", 0), ("gitlab.yml", "broken", 1)],
)
def test_the_commands_of_a_template_judge_a_pull_request(root: Path, template: str, target: str, code: int, tmp_path: Path):
    variables = {**environment(root, tmp_path / "home"), "TARGET": target, "RELEASE": "2f9d"}
    script = "set -e\n" + "\n".join(commands(template))
    done = subprocess.run(["bash", "-c", script], check=False, cwd=root, env=variables, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    said = (root / "gates.md").read_text()
    assert said.lower().startswith(f"### pull request check, {'fail' if code else 'pass'}")
    assert "It may be released" not in said
    there = Lake(tmp_path / "home")
    assert not there.rows("release.verdicts"), "a check is no verdict, and nothing may rest on it"
    pack = "goldworks evidence --use-case shop --release 2f9d --baseline 1"
    refused = subprocess.run(["bash", "-c", pack], check=False, cwd=root, env=variables, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "is a part for pull requests" in refused.stderr
    assert (root / "gates.xml").read_text().startswith("<?xml")


def test_both_end_within_the_quarter_of_an_hour_that_a_pull_request_has():
    action: Any = yaml.safe_load((CI / "github-action.yml").read_text())
    gitlab: Any = yaml.safe_load((CI / "gitlab.yml").read_text())
    assert action["jobs"]["gate"]["timeout-minutes"] == 15
    assert gitlab["release_gates"]["timeout"] == "15 minutes"


def test_another_file_than_the_pinned_one_is_refused(root: Path, tmp_path: Path):
    lake = Lake(tmp_path)
    with pytest.raises(InputError, match="is not the pinned file"):
        pull(lake, str(root / "shop.jsonl.gz"), "0" * 64)
    assert not lake.rows("golden.versions")


def test_pushing_twice_gives_the_same_bytes_and_pulling_twice_the_same_rows(root: Path, tmp_path: Path):
    first = push(Lake(root / "home"), "shop", str(tmp_path / "a.gz"), "1")
    assert first.sha256 == push(Lake(root / "home"), "shop", str(tmp_path / "b.gz"), "1").sha256
    lake = Lake(tmp_path / "home")
    for _ in range(2):
        found = pull(lake, f"file://{tmp_path / 'a.gz'}", first.sha256)
    assert (found.version_id, found.cases, found.releases) == (VERSION, CASES, ("1",))
    assert len(lake.rows("golden.cases")) == CASES
    assert {row["text"] for row in lake.rows("evals.answers")} == {None}


def test_what_is_no_bundle_is_refused(tmp_path: Path):
    import hashlib

    path = tmp_path / "x.gz"
    path.write_bytes(b"not a bundle")
    with pytest.raises(InputError, match="is no golden version that was pushed"):
        pull(Lake(tmp_path / "home"), str(path), hashlib.sha256(b"not a bundle").hexdigest())
