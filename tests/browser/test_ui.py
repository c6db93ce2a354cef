"""What people see: `goldworks ui` in a real browser, on a home that the whole line ran on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_logs import SECRET, three_days
from whole_line import QUICK, goldworks_run

from goldworks.settings import PROJECT_ROOT

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SOON_MS = 120_000

pytestmark = pytest.mark.browser


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """The running servers, by name."""
    folder = tmp_path_factory.mktemp("ui")
    three_days(folder / "logs")
    process = goldworks_run(folder / "home", folder / "logs")
    _, error = process.communicate(timeout=300)
    assert process.returncode == 0, error.decode()[-2000:]
    found = {name: free_port() for name in ("dagster", "mlflow", "pages")}
    environment = {
        **os.environ,
        **QUICK,
        "GOLDWORKS_HOME": str(folder / "home"),
        "GOLDWORKS_PAGES_PORT": str(found["pages"]),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "pipelines.cli", "ui", "--port", str(found["dagster"])]
    command += ["--mlflow-port", str(found["mlflow"])]
    said = folder / "ui.txt"
    with said.open("wb") as out:
        servers = subprocess.Popen(command, env=environment, cwd=PROJECT_ROOT, stdout=out, stderr=out)
        try:
            deadline = time.monotonic() + 180
            while "ctrl-C" not in said.read_text(encoding="utf-8"):
                assert servers.poll() is None, said.read_text(encoding="utf-8")
                assert time.monotonic() < deadline, said.read_text(encoding="utf-8")
                time.sleep(0.5)
            yield found
        finally:
            servers.send_signal(signal.SIGINT)
            servers.wait(timeout=60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no {CHROMIUM}: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    opened = browser.new_page(viewport={"width": 1600, "height": 1100})
    opened.set_default_timeout(SOON_MS)
    yield opened
    opened.close()


def test_the_graph_reads_from_logs_to_marts(page: Any, ports: dict[str, int]) -> None:
    page.goto(f"http://127.0.0.1:{ports['dagster']}/asset-groups")
    for group in ("logs", "golden", "evals", "staging", "marts"):
        page.get_by_text(group, exact=True).first.wait_for()


def test_a_days_page_shows_its_counts_and_redacted_text(page: Any, ports: dict[str, int]) -> None:
    address = f"http://127.0.0.1:{ports['dagster']}/assets/logs/messages?view=partitions&partition=2026-11-02"
    page.goto(address)
    page.get_by_text("preview", exact=True).wait_for()
    page.get_by_text("my password is <").first.wait_for()  # tables are drawn a moment after their labels
    assert SECRET not in page.locator("body").inner_text()


def test_runs_stand_in_mlflow_by_release(page: Any, ports: dict[str, int]) -> None:
    page.goto(f"http://127.0.0.1:{ports['mlflow']}/#/experiments/1/evaluation-runs")
    page.get_by_text("1.0 · ").first.wait_for()


def test_data_docs_open_from_a_check(page: Any, ports: dict[str, int]) -> None:
    page.goto(f"http://127.0.0.1:{ports['pages']}/data_docs/logs.messages.html")
    page.get_by_text("Data contract of logs.messages").first.wait_for()
    page.goto(f"http://127.0.0.1:{ports['pages']}/")
    assert "lake" not in page.locator("body").inner_text(), "of the home only the pages are served"
