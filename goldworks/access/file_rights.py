"""Rights of everything below the home: its owner's alone. Files are made so (`keep_private`), and looked at (`wrong_rights`)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

OTHERS = 0o077


def keep_private() -> None:
    """From here on this process and its children make files and folders for their owner only, whichever library writes them."""
    os.umask(OTHERS)


def wrong_rights(root: Path) -> list[Path]:
    """Files and folders of the home, itself among them, that group or others can read, write or enter; by path."""
    return sorted(path for path in _all(root) if _is_open(path))


def mend_rights(paths: Iterable[Path]) -> int:
    """Take away what group and others may do; return for how many files and folders."""
    count = 0
    for path in paths:
        try:
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
        except FileNotFoundError:
            continue  # a temporary file that went meanwhile
        count += 1
    return count


def count_files(root: Path) -> int:
    """Files and folders of the home."""
    return sum(1 for _ in _all(root))


def _all(root: Path) -> Iterator[Path]:
    if not root.exists():
        return
    yield root
    for folder, folders, files in os.walk(root):
        yield from (Path(folder) / name for name in (*folders, *files))


def _is_open(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return not stat.S_ISLNK(found.st_mode) and bool(stat.S_IMODE(found.st_mode) & OTHERS)
