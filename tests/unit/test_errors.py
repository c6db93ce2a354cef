from __future__ import annotations

import errno
from pathlib import Path

import pytest

from goldworks.errors import GoldworksError, InputError, shielded
from goldworks.intake import workers
from goldworks.intake.reading import ReadJob
from goldworks.settings import PROJECT_ROOT

RAW = "ann.lee@example.com said hello"


def test_an_unexpected_error_loses_its_message_and_keeps_its_place() -> None:
    place = r"taking 2026-11-01: ValueError at test_errors\.py:\d+"
    with pytest.raises(GoldworksError, match=place) as caught, shielded("taking 2026-11-01"):
        raise ValueError(RAW)
    assert RAW not in str(caught.value)
    assert caught.value.__suppress_context__


def test_our_own_errors_pass_and_the_systems_errors_say_what_to_do() -> None:
    with pytest.raises(InputError, match="no such thing"), shielded("taking"):
        raise InputError("no such thing")
    full = r"taking: No space left on device\n.*room on the disk"
    with pytest.raises(GoldworksError, match=full), shielded("taking"):
        raise OSError(errno.ENOSPC, "No space left on device", "/logs/ann.lee@example.com.jsonl")


def test_what_goes_wrong_in_a_worker_says_which_file_and_not_what_stood_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(job: ReadJob) -> None:
        raise ValueError(RAW)

    monkeypatch.setattr(workers, "read", read)
    policy = PROJECT_ROOT / "expectations" / "policies" / "redaction.yml"
    with (
        workers.Workers(0, Path(policy), b"\x01" * 32, "off") as pool,
        pytest.raises(GoldworksError, match=r"reading otlp/a\.jsonl: ValueError") as caught,
    ):
        pool.read(ReadJob("file:///absent", "otlp/a.jsonl", None, None, b"\x01" * 32))
    assert RAW not in str(caught.value)
