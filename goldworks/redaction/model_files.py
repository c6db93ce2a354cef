"""What a model on disk is, by its content: another model is another policy version, wherever it lies."""

from __future__ import annotations

import hashlib
import importlib.util
import secrets
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import orjson

from goldworks.digests import digest
from goldworks.errors import PolicyError

_MEMO = "model_digests.json"
_LARGE_BYTES = 4_000_000
_PART_BYTES = 1 << 20


def package_folder(package: str, where: str) -> Path:
    """The folder of an installed Python package, not imported. Raises `PolicyError` when there is none."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise PolicyError(f"{where}: no package {package} is installed", remedy="install it, or name another that is")
    return Path(spec.submodule_search_locations[0])


def content_digest(folder: Path, memo: Path | None = None) -> str:
    """SHA-256 over the names and contents of the files below `folder`, without hidden ones and Python's own.

    Large files are read once: their digests are kept in the folder `memo`, with what `stat` said of each.
    """
    known = _Memo(memo)
    files = {path.relative_to(folder).as_posix(): known.digest(path) for path in sorted(_files(folder))}
    known.save()
    return digest(files)


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        inner = path.relative_to(folder).parts
        is_ours = not any(part.startswith(".") or part == "__pycache__" for part in inner)
        if is_ours and path.suffix not in {".py", ".pyc"} and path.is_file():
            yield path


class _Memo:
    """Digests of large files by path, size and times."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / _MEMO if folder else None
        self._known: dict[str, list[object]] = {}
        self._is_new = False
        if self._path is not None:
            with suppress(OSError, orjson.JSONDecodeError):
                stored = orjson.loads(self._path.read_bytes())
                self._known = stored if isinstance(stored, dict) else {}

    def digest(self, path: Path) -> str:
        stat = path.stat()
        if stat.st_size < _LARGE_BYTES:
            return _sha256(path, stat.st_size, stat.st_mtime_ns)
        mark: list[object] = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        stored = self._known.get(str(path))
        if isinstance(stored, list) and len(stored) == len(mark) + 1 and stored[:-1] == mark and isinstance(stored[-1], str):
            return stored[-1]
        found = _sha256(path, stat.st_size, stat.st_mtime_ns)
        self._known[str(path)] = [*mark, found]
        self._is_new = True
        return found

    def save(self) -> None:
        if self._path is None or not self._is_new:
            return
        with suppress(OSError):  # it only saves time
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._path.with_name(f"{_MEMO}.{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_bytes(orjson.dumps(self._known))
            draft.replace(self._path)


@lru_cache(maxsize=4096)
def _sha256(path: Path, size: int, modified_ns: int) -> str:
    """Of the file as it is; `size` and `modified_ns` make a changed file another question."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_PART_BYTES):
            sha.update(part)
    return sha.hexdigest()
