"""`goldworks gate` called in a test, with what it says."""

from __future__ import annotations

import pytest

from pipelines.cli import main


def gate_called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(exit code, what it printed, its error in one line)."""
    code = 0
    try:
        main(["gate", *arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, " ".join(said.err.split())
