"""The log folder: which files below it are logs, and, without opening one, whether anything has changed since the last look."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec

from goldworks.digests import digest
from goldworks.errors import InputError
from goldworks.intake.policy import IntakePolicy

STAMPS = ("ETag", "etag", "md5Hash", "LastModified", "last_modified", "updated", "mtime", "created")
"""What file systems say about the version of a file, best first."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A log file: `source` is its path relative to the folder, `path` the file system's own, `info` what that says of it."""

    source: str
    path: str
    info: Mapping[str, Any]


class LogFolder:
    """A local folder or an fsspec URL. Raises `InputError` for a URL that nothing here can open."""

    def __init__(self, folder: str) -> None:
        try:
            self._fs, self._root = fsspec.core.url_to_fs(folder)
        except (ValueError, ImportError) as error:  # no such protocol, or its driver is not installed
            raise InputError(
                f"cannot open {folder}: {error}", remedy="give a path, or a URL whose fsspec driver is installed here"
            ) from None
        self._is_local = "file" in self._fs.protocol

    def exists(self) -> bool:
        """Whether there is such a folder."""
        return self._fs.exists(self._root)

    def files(self, policy: IntakePolicy) -> list[Listed]:
        """Files that a rule of the policy matches, by source; hidden ones are none."""
        found: list[Listed] = []
        for path, info in self._walk():
            source = path.removeprefix(self._root).lstrip("/")
            if policy.rule(source) is not None and not any(part.startswith(".") for part in source.split("/")):
                found.append(Listed(source, path, info))
        return sorted(found, key=lambda file: file.source)

    def open(self, path: str) -> Any:
        """A file's bytes as a stream. Raises `OSError`."""
        return self._fs.open(path, "rb")

    def location(self, path: str) -> str:
        """What `conversations.streams` opens, in this process or another."""
        return path if self._is_local else self._fs.unstrip_protocol(path)

    def _walk(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if not self._is_local:
            yield from self._fs.find(self._root, detail=True).items()
            return
        seen: set[str] = set()
        for folder, folders, names in os.walk(self._root, onerror=_refuse, followlinks=True):
            real = os.path.realpath(folder)
            if real in seen:  # a link that leads back
                folders.clear()
                continue
            seen.add(real)
            folders.sort()
            for name in names:
                path = str(Path(folder, name))
                yield path, self._fs.info(path)


def _refuse(error: OSError) -> None:
    """A folder that cannot be read is an error: its files would be lost in silence."""
    raise error


def fingerprint(folder: str, policy: IntakePolicy) -> str | None:
    """Digest of the names, sizes and versions of the log files below `folder` (path or fsspec URL); None when it is absent.

    It changes whenever a log file comes, goes or is written again. That it changed does not mean that there is work: a file
    may have been written again with the same bytes.
    """
    logs = LogFolder(folder)
    if not logs.exists():
        return None
    return digest({file.source: _version(file.info) for file in logs.files(policy)})


def _version(info: Mapping[str, Any]) -> str:
    stamp = next((info[name] for name in STAMPS if info.get(name) is not None), "")
    return f"{info.get('size')}:{stamp}"
