"""A worker is killed while it redacts: the intake says so, has stored nothing by halves, and finishes when it is run again."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest
from every_byte import where
from small_logs import three_days

from goldworks.errors import GoldworksError
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, Taken, take
from goldworks.intake.workers import Workers
from goldworks.lake import Lake
from goldworks.redaction import Document, RedactedDocument
from goldworks.settings import PROJECT_ROOT
from goldworks.tables import TABLES

DAYS = ["2026-11-01", "2026-11-02", "2026-11-03"]


def take_all(home: Path, logs: Path, workers: int = 1) -> Taken:
    expectations = PROJECT_ROOT / "expectations"
    return take(Lake(home), Source(str(logs), expectations, load_intake_policy(expectations), "off", workers), b"\x01" * 32)


def rows(home: Path) -> dict[str, list[str]]:
    lake = Lake(home)
    keys = [key for key in TABLES if key.startswith("logs.")]
    return {key: sorted(json.dumps(row, default=str, sort_keys=True) for row in lake.rows(key)) for key in keys}


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dead") / "logs"
    three_days(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["idle", "at work"])
def test_a_killed_worker_stops_the_intake_between_two_days(
    tmp_path: Path, logs: Path, moment: str, monkeypatch: pytest.MonkeyPatch
):
    redact, result = Workers.redact, Workers._result
    asked: list[int] = []

    def send(workers: Workers, number: int) -> None:
        for process in workers._pool._processes:  # type: ignore[attr-defined]
            os.kill(process, number)

    def redacting(workers: Workers, documents: Sequence[Document]) -> list[RedactedDocument]:
        asked.append(len(documents))
        if len(asked) == 2:  # the second day
            send(workers, signal.SIGKILL if moment == "idle" else signal.SIGSTOP)
            while moment == "idle" and not workers._pool._broken:  # type: ignore[attr-defined]
                time.sleep(0.01)
        return redact(workers, documents)

    def waiting(workers: Workers, future: Future[bytes]) -> bytes:
        if len(asked) == 2 and not future.done():
            send(workers, signal.SIGKILL)
        return result(workers, future)

    monkeypatch.setattr(Workers, "redact", redacting)
    monkeypatch.setattr(Workers, "_result", waiting)
    home = tmp_path / "home"
    with pytest.raises(GoldworksError, match="worker processes was ended from outside") as raised:
        take_all(home, logs)
    assert raised.value.remedy is not None
    assert "run the same command again" in raised.value.remedy
    for key in ("logs.turns", "logs.messages", "logs.entities"):
        assert {row["arrived_on"] for row in Lake(home).rows(key)} == {DAYS[0]}, key
    assert where(home, ["ann.lee@example.com"]) == {}

    monkeypatch.undo()
    assert take_all(home, logs).days == DAYS[1:]
    take_all(tmp_path / "undisturbed", logs, workers=0)
    assert rows(home) == rows(tmp_path / "undisturbed")
