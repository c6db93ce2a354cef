"""A golden version with the baseline's runs in one file, for pipelines whose home is empty: what a pull request is judged by.

Gzipped JSON lines, the same bytes for the same content: `{"table": ..., "row": {...}}`. Cases are redacted, as the tables hold
them; of answers only the numbers go in. Whoever pulls one names its SHA-256, which stands in the repository under test.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import fsspec
import orjson
import pyarrow as pa

from goldworks.errors import InputError
from goldworks.golden.read import resolve_version, versions, why_gone
from goldworks.lake import Lake
from goldworks.release.gathering import ANSWER
from goldworks.release.smoke import Smoke, Terms, choose_smoke, part_of
from goldworks.tables import TABLES
from goldworks.use_cases import PLAIN_NAME

CARRIED = ("golden.versions", "golden.cases", "evals.runs", "evals.answers", "evals.scores")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was pushed or pulled. `sha256`: of the file; `smoke`: how its cases were chosen, when it is a part of a version."""

    version_id: str
    cases: int
    releases: tuple[str, ...]
    sha256: str
    smoke: Smoke | None = None


def push(lake: Lake, name: str, location: str, release: str | None = None, smoke: Terms | None = None) -> Bundle:
    """Write the golden version that `name` means (a use case: its current one), and all runs of `release` on it, to a file or
    fsspec URL; with `smoke` the part of both that such terms choose. Raises `InputError`.
    """
    version_id = resolve_version(lake, name)
    runs = lake.rows("evals.runs", where=[("version_id", "=", version_id), ("release", "=", release)]) if release else []
    if release and not runs:
        raise InputError(f"no run of release {release} on {version_id}", remedy="goldworks eval list")
    if smoke is not None and not runs:
        raise InputError(
            "the part for pull requests is chosen by the time that the baseline took, and no release is given",
            remedy="name the baseline: --release R",
        )
    content = _content(lake, version_id, sorted(row["run_id"] for row in runs))
    chosen = choose_smoke(content, smoke) if smoke is not None else None
    if chosen is not None:
        content = part_of(content, chosen.case_ids, chosen.judged_by)
        version_id = content["golden.versions"][0]["version_id"]
    data = _packed(_lines(content))
    try:
        with fsspec.open(location, "wb") as file:
            file.write(data)  # type: ignore[union-attr]
    except (OSError, ValueError, ImportError) as error:
        raise InputError(f"cannot write {location}: {error}", remedy="name a file that you may write") from None
    cases = len(content["golden.cases"])
    return Bundle(version_id, cases, (release,) if release else (), hashlib.sha256(data).hexdigest(), chosen)


def pull(lake: Lake, location: str, sha256: str) -> Bundle:
    """Take a pushed file into the tables; again, nothing changes.

    Raises `InputError` for a file of another digest, that is none of ours, or whose version was erased here.
    """
    try:
        with fsspec.open(location, "rb") as file:
            data: bytes = file.read()  # type: ignore[union-attr]
    except (OSError, ValueError, ImportError) as error:
        raise InputError(f"cannot read {location}: {error}", remedy="name the file that goldworks golden push wrote") from None
    seen = hashlib.sha256(data).hexdigest()
    if seen != sha256.lower():
        raise InputError(
            f"{location} is not the pinned file: its SHA-256 is {seen}",
            remedy="pull what is pinned, or have the new digest reviewed and pinned",
        )
    tables = _unpacked(data, location)
    (version,) = tables["golden.versions"]
    version_id = version["version_id"]
    known = next((row for row in versions(lake) if row["version_id"] == version_id), None)
    if known is not None and known["is_tombstone"]:
        raise InputError(f"the golden version {version_id} was {why_gone(known)}", remedy="push and pin its successor")
    lake.replace("golden.cases", tables["golden.cases"], {"version_id": version_id})
    for run in tables["evals.runs"]:
        here = {"run_id": run["run_id"]}
        for key in ("evals.answers", "evals.scores", "evals.runs"):  # the run's row last: who sees it finds all of it
            lake.replace(key, [row for row in tables[key] if row["run_id"] == run["run_id"]], here)
    if known is None:
        lake.upsert("golden.versions", [version])
    releases = tuple(sorted({run["release"] for run in tables["evals.runs"]}))
    return Bundle(version_id, len(tables["golden.cases"]), releases, seen)


def _content(lake: Lake, version_id: str, run_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    of_version = [("version_id", "=", version_id)]
    of_runs = [("run_id", "in", run_ids)]
    elsewhere = {"mlflow_run_id": None, "dagster_run_id": None}
    return {
        "golden.versions": [{**row, "parent_version_id": None} for row in lake.rows("golden.versions", where=of_version)],
        "golden.cases": lake.rows("golden.cases", where=of_version),
        "evals.runs": [{**row, **elsewhere} for row in lake.rows("evals.runs", where=of_runs)],
        "evals.answers": lake.rows("evals.answers", [*ANSWER, "run_id", "attempts"], of_runs),
        "evals.scores": lake.rows("evals.scores", where=of_runs),
    }


def _lines(content: Mapping[str, Sequence[dict[str, Any]]]) -> Iterator[bytes]:
    for table in CARRIED:
        lines = (orjson.dumps({"table": table, "row": row}, option=orjson.OPT_SORT_KEYS) for row in content[table])
        yield from sorted(lines)


def _packed(lines: Iterator[bytes]) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        for line in lines:
            file.write(line + b"\n")
    return out.getvalue()


def _unpacked(data: bytes, location: str) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = {key: [] for key in CARRIED}
    try:
        for line in gzip.decompress(data).splitlines():
            found = orjson.loads(line)
            tables[found["table"]].append(_typed(found["table"], found["row"]))
        (version,) = tables["golden.versions"]
        names = [version["version_id"], *(row["run_id"] for row in tables["evals.runs"])]
        is_ours = all(re.fullmatch(PLAIN_NAME.rstrip("$"), name) for name in names)
        is_ours = is_ours and {row["version_id"] for row in tables["golden.cases"]} <= {version["version_id"]}
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        raise InputError(f"{location} is no golden version that was pushed", remedy="goldworks golden push writes one")
    return tables


def _typed(table: str, row: dict[str, Any]) -> dict[str, Any]:
    times = [column.name for column in TABLES[table].columns if pa.types.is_timestamp(column.type)]
    return {name: dt.datetime.fromisoformat(value) if name in times and value else value for name, value in row.items()}
