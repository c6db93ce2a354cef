"""`goldworks review import`, and the folder for labels, killed as by `kill -9` and run again: as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from review_lake import long_row, to_review, write_long
from whole_line import QUICK

from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT

SIZE = 60
TAKE_INCOMING = (
    "import sys; from pathlib import Path; from goldworks.lake import Lake; from goldworks.review.incoming import take_incoming; "
    "take_incoming(Lake(Path(sys.argv[1])), Path(sys.argv[2]))"
)
OF_THE_MOMENT = ("imported_at", "refused_at")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose turns wait for labels; whoever comes may label."""
    to_review(tmp_path, SIZE, raters=[])
    rows: list[Any] = [
        long_row(item_id=f"docs-{n}-t", dimension=d) for n in range(SIZE) for d in ("completeness", "appropriateness")
    ]
    rows += [long_row(item_id=f"nothing-{n}") for n in range(5)] + [long_row(value="9")]
    write_long(tmp_path / "labels.jsonl", rows)
    return tmp_path / "home"


def start(home: Path, *command: str, fault: str = "") -> subprocess.Popen[bytes]:
    more = {"GOLDWORKS_HOME": str(home), "GOLDWORKS_EXPECTATIONS": str(home.parent / "e")} | (
        {"GOLDWORKS_FAULT": fault} if fault else {}
    )
    return subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, **QUICK, **more},
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def import_(home: Path, fault: str = "") -> subprocess.Popen[bytes]:
    return start(home, "-m", "pipelines.cli", "review", "import", str(home.parent / "labels.jsonl"), fault=fault)


def state(home: Path) -> dict[str, list[str]]:
    """Labels and refusals, but for when they came."""
    found: dict[str, list[str]] = {}
    for key in ("review.labels", "review.refusals"):
        rows = Lake(home).rows(key)
        found[key] = sorted(str({name: value for name, value in row.items() if name not in OF_THE_MOMENT}) for row in rows)
    return found


def counts(home: Path) -> tuple[int, int]:
    found = state(home)
    return len(found["review.labels"]), len(found["review.refusals"])


@pytest.mark.parametrize(("fault", "after"), [("review.refusals_written", (0, 6)), ("review.labels_written", (2 * SIZE, 6))])
def test_killed_at_each_point_nothing_is_half_taken_and_the_rest_comes_once(home: Path, fault: str, after: tuple[int, int]):
    killed = import_(home, fault)
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert counts(home) == after, "a table has all of the file's rows or none"
    again = import_(home)
    _, error = again.communicate(timeout=120)
    assert again.returncode == 1, error.decode()[-2000:]
    whole = state(home)
    assert (len(whole["review.labels"]), len(whole["review.refusals"])) == (2 * SIZE, 6)
    assert len(set(whole["review.labels"])) == 2 * SIZE
    once_more = import_(home)
    once_more.communicate(timeout=120)
    assert state(home) == whole


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_as_an_undisturbed_one(home: Path):
    moments = random.Random(20261128)
    for _ in range(6):
        process = import_(home)
        time.sleep(moments.uniform(0.5, 4))
        process.kill()
        process.communicate(timeout=60)
        assert counts(home) in {(0, 0), (0, 6), (2 * SIZE, 6)}
    import_(home).communicate(timeout=120)
    assert counts(home) == (2 * SIZE, 6)


def test_a_file_in_the_folder_for_labels_is_taken_and_deleted_once(home: Path):
    folder = home / "labels"
    folder.mkdir()
    (home.parent / "labels.jsonl").rename(folder / "mine.jsonl")
    for fault in ("review.labels_written", "review.refused_left"):
        killed = start(home, "-c", TAKE_INCOMING, str(home), str(home.parent / "e"), fault=fault)
        killed.communicate(timeout=120)
        assert killed.returncode == -signal.SIGKILL
        assert (folder / "mine.jsonl").exists()
    again = start(home, "-c", TAKE_INCOMING, str(home), str(home.parent / "e"))
    _, error = again.communicate(timeout=120)
    assert again.returncode == 0, error.decode()[-2000:]
    assert [path.name for path in folder.iterdir()] == ["mine.refused.jsonl"]
    assert len((folder / "mine.refused.jsonl").read_bytes().splitlines()) == 6
    assert counts(home) == (2 * SIZE, 6)
