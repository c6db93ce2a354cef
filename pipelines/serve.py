"""`goldworks ui`: the Dagster webserver with its daemon, MLflow, and the pages about the data beside it.

All listen on 127.0.0.1 and are ended together.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from rich.console import Console

from goldworks.errors import GoldworksError, InputError
from goldworks.home import Home
from goldworks.settings import HOST, PROJECT_ROOT, child_environment
from pipelines.in_process import prepare_instance

READY_SECONDS = 120


def serve(home: Home, port: int, mlflow_port: int) -> None:
    """Start the servers, print their addresses when they answer, wait until ctrl-C or until one of them ends."""
    pages_port = home.settings.pages_port
    _require_free(port, "goldworks ui --port N")
    _require_free(mlflow_port, "goldworks ui --mlflow-port N")
    _require_free(pages_port, "set GOLDWORKS_PAGES_PORT to another one")
    prepare_instance(home)
    _make_databases(home)
    workspace = ["-w", str(PROJECT_ROOT / "workspace.yaml")]
    database = f"sqlite:///{home.mlflow / 'mlflow.db'}"
    commands = {
        "dagster": ["dagster_webserver", "-h", HOST, "-p", str(port), *workspace],
        "dagster-daemon": ["dagster._daemon", "run", *workspace],
        "mlflow": ["mlflow", "server", "--host", HOST, "--port", str(mlflow_port), "--backend-store-uri", database],
    }
    commands["pages"] = ["http.server", str(pages_port), "--bind", HOST, "--directory", str(home.pages)]
    commands["mlflow"] += ["--default-artifact-root", (home.mlflow / "artifacts").as_uri(), "--workers", "1"]
    console = Console()
    console.print("Starting; this takes about 20 seconds. Output goes to", str(home.root / "servers"))
    running: dict[str, subprocess.Popen[bytes]] = {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that `finally` ends the servers too
    try:
        for name, command in commands.items():
            running[name] = _start(home, name, command)
        for name, number in (("dagster", port), ("mlflow", mlflow_port), ("pages", pages_port)):
            address = f"http://{HOST}:{number}"
            _wait_ready(name, address, running[name], home)
            console.print(f"{name:8} {address}")
        console.print("ctrl-C ends them all. None asks for a password: do not expose these ports.")
        while all(server.poll() is None for server in running.values()):
            time.sleep(1)
        ended = next(name for name, server in running.items() if server.poll() is not None)
        raise GoldworksError(f"{ended} ended by itself", remedy=f"read {_log(home, ended)}")
    finally:
        _stop(running)


def _make_databases(home: Home) -> None:
    """Make the instance's databases before two servers try to at once: the slower one would find half of them and stop."""
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(home.dagster)) as instance:
        instance.get_runs(limit=1)
        instance.all_instigator_state()
        instance.get_asset_keys(limit=1)


def _start(home: Home, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    log = _log(home, name)
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as out:
        return subprocess.Popen(  # noqa: S603 - fixed programs, no shell
            [sys.executable, "-m", *command],
            cwd=PROJECT_ROOT,
            env=child_environment(home.settings),
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def _log(home: Home, name: str) -> Path:
    return home.root / "servers" / f"{name}.log"


def _wait_ready(name: str, address: str, server: subprocess.Popen[bytes], home: Home) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy of the company knows nothing of 127.0.0.1
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise GoldworksError(f"{name} did not start", remedy=f"read {_log(home, name)}")
        try:
            with direct.open(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise GoldworksError(f"{name} did not answer within {READY_SECONDS} s", remedy=f"read {_log(home, name)}")


def _require_free(port: int, remedy: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise InputError(f"port {port} is in use", remedy=remedy) from None


def _stop(running: dict[str, subprocess.Popen[bytes]]) -> None:
    for server in running.values():
        server.terminate()
    for server in running.values():
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
