"""A cheap look at the log folder, without opening a file: has anything changed since the last look?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fsspec

from goldworks.digests import digest
from goldworks.intake.policy import IntakePolicy

STAMPS = ("ETag", "etag", "md5Hash", "LastModified", "last_modified", "updated", "mtime", "created")
"""What file systems say about the version of a file, best first."""


def fingerprint(folder: str, policy: IntakePolicy) -> str | None:
    """Digest of the names, sizes and versions of the log files below `folder` (path or fsspec URL); None when it is absent.

    It changes whenever a log file comes, goes or is written again. That it changed does not mean that there is work: a file
    may have been written again with the same bytes.
    """
    fs, root = fsspec.core.url_to_fs(folder)
    if not fs.exists(root):
        return None
    found = {path: _version(info) for path, info in fs.find(root, detail=True).items() if policy.rule(path) is not None}
    return digest(found)


def _version(info: Mapping[str, Any]) -> str:
    stamp = next((info[name] for name in STAMPS if info.get(name) is not None), "")
    return f"{info.get('size')}:{stamp}"
