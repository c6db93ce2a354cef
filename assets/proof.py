"""Proof over what is published: scanners that are not ours look at all of it, after every build of the marts."""

import datetime as dt
from collections.abc import Callable, Iterator

import dagster as dg
import msgspec

from assets.presenting import markdown_table
from assets.resources import Goldworks
from goldworks.adapters import published
from goldworks.adapters.second_scanner import SecondScanner
from goldworks.digests import keyed_digest
from goldworks.home import Home
from goldworks.proof.clean import Remembering
from goldworks.proof.last_scan import keep
from goldworks.proof.texts import golden_texts, page_texts
from goldworks.proof.triage import Finding, Hit, Scanned, load_second_scanner_policy, scan

MOST_SHOWN = 50


@dg.asset_check(asset=["marts", "published"], blocking=False)
def second_scanner(goldworks: Goldworks) -> dg.AssetCheckResult:
    """Presidio's patterns and detect-secrets find nothing in what is published that nobody has looked at."""
    scanned = scan_published(goldworks.home)
    rows = [msgspec.to_builtins(finding) for finding in scanned.open[:MOST_SHOWN]]
    return dg.AssetCheckResult(
        passed=not scanned.open,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "texts": scanned.texts,
            "findings": scanned.hits,
            "accepted": scanned.accepted,
            "not_scanned": scanned.not_scanned,
            "open": markdown_table(rows, ("place", "type", "digest", "count", "score")) if rows else "none",
            "to_see_them": "goldworks redact scan --show",
        },
    )


def scan_published(home: Home, show: Callable[[Finding, str, Hit], None] | None = None) -> Scanned:
    """Scan everything that this home publishes."""
    policy = load_second_scanner_policy(home.settings.expectations)

    def digest_of(value: str) -> str:
        return keyed_digest(home.key, "finding", value, size=6)

    scanner = SecondScanner(policy.types)
    remembering = Remembering(scanner, home.cache, home.key, scanner.fingerprint)
    today = dt.datetime.now(dt.UTC).date()
    scanned = scan(_published(home), remembering, policy, digest_of, today, show)
    keep(home.root, scanned, today)
    return scanned


def _published(home: Home) -> Iterator[tuple[str, list[str]]]:
    yield from published.texts(home.root)
    yield from published.texts(home.root, "review.duckdb")
    yield from golden_texts(home.lake)
    yield from page_texts(home.pages, "pages")
    yield from page_texts(home.mlflow / "artifacts", "mlflow")
