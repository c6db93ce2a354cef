"""The home's own packs: one of each release that was judged, written when its judgment is new, checked every time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import orjson

from goldworks.access.signing import Signer
from goldworks.evidence.collecting import Edition
from goldworks.evidence.pack import write_pack
from goldworks.evidence.verifying import verify_pack
from goldworks.lake import Lake
from goldworks.release.all_releases import judge_all
from goldworks.release.outputs import headline


@dataclass(frozen=True, slots=True)
class Kept:
    """A pack of the home. `is_new`: written now; `problems`: what does not hold in it, none when it is as it was signed."""

    name: str
    folder: Path
    headline: str
    is_new: bool
    problems: tuple[str, ...]


def pack_folder(home: Path, use_case: str, release: str, edition: Edition = "full") -> Path:
    """Where the home keeps the pack of a release."""
    name = f"{use_case}-{release}" + ("-customer" if edition == "customer" else "")
    return home / "evidence" / name.replace("/", "_")


def keep_packs(
    lake: Lake, expectations: Path, signer: Signer, home: Path, now: dt.datetime, only: Collection[str] = ()
) -> list[Kept]:
    """Packs of the releases `only` (`use_case/release`), else of the newest of each use case that can be judged.

    A pack of the same judgment is not written again: what was changed in it since shows, and stays to be looked at.
    """
    found: list[Kept] = []
    for decision in judge_all(lake, expectations, signer, only, now).decisions:
        verdict = decision.verdict
        folder = pack_folder(home, verdict.use_case, verdict.release)
        is_new = _judgment_of(folder) != decision.judgment_id
        if is_new:
            write_pack(lake, expectations, signer, decision, "full", folder, now)
        problems = verify_pack(folder).problems
        found.append(Kept(f"{verdict.use_case}/{verdict.release}", folder, headline(verdict), is_new, problems))
    return found


def _judgment_of(folder: Path) -> str | None:
    """The judgment that a pack is about; None when there is none, or what is there says nothing."""
    try:
        return orjson.loads((folder / "facts.json").read_bytes())["judgment_id"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return ""
