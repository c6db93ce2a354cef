"""Starting `goldworks run` as a user does, in a process of its own, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from goldworks.settings import PROJECT_ROOT

QUICK = {"GOLDWORKS_KEY": "04" * 32, "GOLDWORKS_NAMES": "off", "GOLDWORKS_WORKERS": "0"}


def goldworks_run(home: Path, logs: Path, **extra: str) -> subprocess.Popen[bytes]:
    """The running command; its output is in pipes."""
    environment = {**os.environ, **QUICK, "GOLDWORKS_HOME": str(home), **extra}
    command = [sys.executable, "-m", "pipelines.cli", "run", "--logs", str(logs), "--json"]
    return subprocess.Popen(command, env=environment, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def goldworks(home: Path, *arguments: str, typed: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
    """Any other command, to its end."""
    environment = {**os.environ, **QUICK, "GOLDWORKS_HOME": str(home), **extra}
    command = [sys.executable, "-m", "pipelines.cli", *arguments]
    return subprocess.run(command, env=environment, cwd=PROJECT_ROOT, input=typed, capture_output=True, text=True, check=False)
