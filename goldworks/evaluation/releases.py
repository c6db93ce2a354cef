"""Releases: what an assistant consists of at a time, how it is asked, and the suites it has to stand.

YAML in `expectations/releases/`. Where a use case's releases are found in the logs alone, no file is needed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from goldworks.errors import PolicyError
from goldworks.policies import Policy, load_policy


class Components(Policy):
    """Versions of what a release consists of; what it has not, or nobody versions, is left out."""

    model: str | None = None
    prompt: str | None = None
    retrieval: str | None = None
    tools: str | None = None
    code: str | None = None


class Release(Policy):
    """`expectations/releases/<name>.yml`."""

    version: int = Field(ge=1)
    use_case: str
    release: str = Field(min_length=1, pattern=r"^[^/\s]+$", description="name of the release, unique within the use case")
    released_on: dt.date
    target: str = Field(description="a file in expectations/targets/")
    suites: tuple[str, ...] = Field(default=(), description="files in expectations/suites/; none: the plan's suite")
    baseline: str | None = Field(default=None, description="the release it is compared with; none: the one before it")
    components: Components = Components()
    author: str | None = Field(
        default=None, min_length=1, description="who made it; may not sign it", exclude_if=lambda value: value is None
    )

    @property
    def key(self) -> str:
        """`use_case/release`."""
        return f"{self.use_case}/{self.release}"


def load_releases(expectations: Path) -> tuple[Release, ...]:
    """All releases, oldest first. Raises `PolicyError` for a broken file, an absent target or suite, or a release twice."""
    found: dict[str, tuple[Path, Release]] = {}
    for path in sorted((expectations / "releases").glob("*.yml")):
        release = load_policy(path, Release)
        for folder, names in (("targets", (release.target,)), ("suites", release.suites)):
            require_files(str(path), expectations / folder, names)
        if release.key in found:
            raise PolicyError(
                f"{path}: release {release.release} of {release.use_case} stands in {found[release.key][0]} as well"
            )
        found[release.key] = (path, release)
    return tuple(sorted((release for _, release in found.values()), key=lambda one: (one.released_on, one.release)))


def require_files(where: str, folder: Path, names: Sequence[str]) -> None:
    """Raises `PolicyError` when a name is no YAML file of the folder."""
    for name in names:
        if not (folder / f"{name}.yml").exists():
            known = ", ".join(sorted(file.stem for file in folder.glob("*.yml")))
            raise PolicyError(f"{where}: no {name!r} in {folder}", remedy=f"one of: {known}")
