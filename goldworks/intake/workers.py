"""Worker processes that read and redact. What they send back is raw or redacted text in memory; they write nothing."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from goldworks.access.key_ring import IdentityKeys
from goldworks.errors import GoldworksError, shielded
from goldworks.intake.reading import ReadFile, ReadJob, read
from goldworks.redaction import Document, NamesSetting, RedactedDocument, Redactor, limits, load_redactor, refuse_failures
from goldworks.redaction.erased import ErasedList
from goldworks.settings import one_thread_each

_redactor: Redactor | None = None


class Workers:
    """A pool of `count` processes, each with its own redactor; with 0 everything is done in this process."""

    def __init__(
        self,
        count: int,
        policy_file: Path,
        key: bytes,
        names: NamesSetting,
        identities: IdentityKeys | None = None,
        erased: tuple[ErasedList, ...] = (),
        vault_key: bytes | None = None,
    ) -> None:
        self.count = count
        self._limits = limits(policy_file)
        self._pool: Executor
        if count == 0:
            _load(policy_file, key, names, identities, erased, vault_key)
            self._pool = _Here()
            return
        one_thread_each()
        self._pool = ProcessPoolExecutor(
            max_workers=count,
            mp_context=multiprocessing.get_context("spawn"),  # forking a process that runs threads is not safe
            initializer=_start,
            initargs=(str(policy_file), key, names, identities, erased, vault_key),
        )

    def read(self, job: ReadJob) -> Future[bytes]:
        """Begin to read a file; the result is for `read_file`."""
        return self._submit(_read, msgspec.msgpack.encode(job))

    def read_file(self, reading: Future[bytes]) -> ReadFile:
        """What a worker has read, once it has."""
        return msgspec.msgpack.decode(self._result(reading), type=ReadFile)

    def redact(self, documents: Sequence[Document]) -> list[RedactedDocument]:
        """Redact documents, in the same order; the result does not depend on the number of workers.

        Raises `GoldworksError` when a worker was killed, or when so many fields failed that the redactor must be at fault.
        """
        shares = _shares(documents, max(1, 2 * self.count))
        futures = [self._submit(_redact, msgspec.msgpack.encode(share)) for share in shares]
        decoder = msgspec.msgpack.Decoder(list[RedactedDocument])
        redacted = [document for future in futures for document in decoder.decode(self._result(future))]
        refuse_failures(redacted, self._limits)
        return redacted

    def _submit(self, task: Callable[[bytes], bytes], encoded: bytes) -> Future[bytes]:
        try:
            return self._pool.submit(task, encoded)
        except BrokenProcessPool:
            raise self._ended() from None

    def _result(self, future: Future[bytes]) -> bytes:
        try:
            return future.result()
        except BrokenProcessPool:
            raise self._ended() from None

    def _ended(self) -> GoldworksError:
        return GoldworksError(
            f"one of {self.count} worker processes was ended from outside, most likely for want of memory",
            remedy="give the machine more memory, or set GOLDWORKS_WORKERS=1; then run the same command again",
        )

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(wait=error is None, cancel_futures=True)


class _Here(Executor):
    """An executor without processes: what is submitted is done at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def _start(
    policy_file: str,
    key: bytes,
    names: NamesSetting,
    identities: IdentityKeys | None,
    erased: tuple[ErasedList, ...],
    vault_key: bytes | None,
) -> None:
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _load(Path(policy_file), key, names, identities, erased, vault_key)


def _load(
    policy_file: Path,
    key: bytes,
    names: NamesSetting,
    identities: IdentityKeys | None,
    erased: tuple[ErasedList, ...],
    vault_key: bytes | None,
) -> None:
    global _redactor  # noqa: PLW0603 - one per process that redacts, set when it starts
    _redactor = load_redactor(policy_file, key, names, identities, erased, vault_key)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(encoded: bytes) -> bytes:
    job = msgspec.msgpack.decode(encoded, type=ReadJob)
    with shielded(f"reading {job.source}"):
        return msgspec.msgpack.encode(read(job))


def _redact(encoded: bytes) -> bytes:
    assert _redactor is not None
    with shielded("redacting"):
        return msgspec.msgpack.encode(_redactor.redact(msgspec.msgpack.decode(encoded, type=list[Document])))


def _shares(documents: Sequence[Document], count: int) -> list[Sequence[Document]]:
    """Consecutive shares of about equal numbers of fields."""
    total = sum(len(document.fields) for document in documents)
    shares: list[list[Document]] = [[]]
    filled = 0
    for document in documents:
        if filled >= total * len(shares) / count and shares[-1]:
            shares.append([])
        shares[-1].append(document)
        filled += len(document.fields)
    return [share for share in shares if share]
