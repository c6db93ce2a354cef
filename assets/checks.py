"""What must hold between the stages, as asset checks. Blocking ones stop the run."""

from collections import Counter
from typing import Any

import dagster as dg

from assets.presenting import markdown_table
from assets.resources import Goldworks
from goldworks.adapters.validation import ValidationResult, check_contract
from goldworks.conversations.completeness import completeness
from goldworks.home import Home
from goldworks.lake import Lake
from goldworks.redaction import is_too_much, limits

BOUNDARY_TABLES = ("logs.conversations", "logs.messages", "golden.cases", "evals.scores")
"""Tables whose data contract is a suite of Great Expectations in `expectations/tables/`."""


@dg.asset_check(asset=["logs", "arrivals"], blocking=True)
def lines_reconcile(goldworks: Goldworks) -> dg.AssetCheckResult:
    """Every line of every file is a record, a duplicate, quarantined, empty or suppressed; every record line has its rows."""
    return check_lines(goldworks.home.lake)


def check_lines(lake: Lake) -> dg.AssetCheckResult:
    """The check by value, per file: lines in = records + duplicates + quarantined + empty + suppressed, and as many rows."""
    arrivals = lake.rows("logs.arrivals")
    kept = _lines_by_source(lake, "logs.turns")
    bad = _lines_by_source(lake, "logs.quarantine")
    parts = ("records", "duplicates", "quarantined", "empty", "suppressed")
    broken: list[dict[str, Any]] = []
    for row in arrivals:
        rows = (len(kept.get(row["source"], ())), len(bad.get(row["source"], ())))
        accounted = sum(row[name] or 0 for name in parts)
        if row["sha256"] and (accounted != row["lines"] or rows != (row["records"], row["quarantined"])):
            broken.append({**row, "turn_lines": rows[0], "quarantine_lines": rows[1]})
    columns = ("source", "lines", *parts, "turn_lines", "quarantine_lines")
    incomplete = [row["source"] for row in arrivals if row["is_incomplete"]]
    return dg.AssetCheckResult(
        passed=not broken,
        metadata={
            "files": len(arrivals),
            "lines": sum(row["lines"] for row in arrivals),
            "files_cut_short": len(incomplete),
            "cut_short": ", ".join(incomplete) or "none",
            "not_reconciled": markdown_table(broken, columns),
        },
    )


def _lines_by_source(lake: Lake, key: str) -> dict[str, set[int]]:
    table = lake.read(key, ["source", "line"]).to_pydict()
    found: dict[str, set[int]] = {}
    for source, line in zip(table["source"], table["line"], strict=True):
        found.setdefault(source, set()).add(line)
    return found


@dg.asset_check(asset=["logs", "turns"], blocking=False)
def versions_complete(goldworks: Goldworks) -> dg.AssetCheckResult:
    """Each service says its release, prompt, model, and where they apply its retrieval and tool-schema versions."""
    rows = completeness(goldworks.home.lake)
    missing = [row for row in rows if row["share"] < 1]
    return dg.AssetCheckResult(
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"missing": markdown_table(missing, ("service", "version", "turns", "stated", "share"))},
    )


@dg.asset_check(asset=["logs", "messages"], blocking=True)
def nothing_withheld(goldworks: Goldworks) -> dg.AssetCheckResult:
    """No message had to be withheld. A few are a warning; more in a day than the redaction policy allows stop the run."""
    rows = goldworks.home.lake.read("logs.messages", ["arrived_on", "is_withheld"]).to_pylist()
    messages = Counter(row["arrived_on"] for row in rows)
    withheld = Counter(row["arrived_on"] for row in rows if row["is_withheld"])
    allowed = limits(goldworks.expectations / "policies" / "redaction.yml")
    is_broken = any(is_too_much(count, messages[day], allowed) for day, count in withheld.items())
    days = [{"day": day, "withheld": n, "of": messages[day], "rate": n / messages[day]} for day, n in withheld.items()]
    days.sort(key=lambda row: row["rate"], reverse=True)
    return dg.AssetCheckResult(
        passed=not withheld,
        severity=dg.AssetCheckSeverity.ERROR if is_broken else dg.AssetCheckSeverity.WARN,
        metadata={
            "withheld": withheld.total(),
            "allowed_rate": allowed.withheld_rate,
            "days": markdown_table(days, ("day", "withheld", "of", "rate")),
        },
    )


def contract_check(table: str) -> dg.AssetChecksDefinition:
    """The data contract of one boundary table, as a blocking check with its pages in Data Docs."""

    @dg.asset_check(asset=table.split("."), name="data_contract", blocking=True, description=f"Data contract of {table}.")
    def check(goldworks: Goldworks) -> dg.AssetCheckResult:
        contract = goldworks.expectations / "tables" / f"{table}.yml"
        return contract_result(check_contract(goldworks.home.lake, contract, goldworks.home.data_docs), goldworks.home)

    return check


def contract_result(result: ValidationResult, home: Home) -> dg.AssetCheckResult:
    """A validation as Dagster shows it."""
    ordered = sorted(result.expectations, key=lambda e: e.success)  # what is broken comes first
    rows = [
        {"expectation": e.name, "column": e.column, "holds": e.success, "observed": e.observed, "why": e.because} for e in ordered
    ]
    columns = ("expectation", "column", "holds", "observed", "why")
    metadata: dict[str, Any] = {"rows": result.rows, "expectations": markdown_table(rows, columns, 60)}
    if result.exceptions:
        metadata["could_not_be_checked"] = "; ".join(result.exceptions)
    if result.docs_index is not None:
        page = result.docs_index.with_name(f"{result.table}.html")
        metadata["data_docs"] = dg.MetadataValue.url(home.page_url(page))
        metadata["data_docs_file"] = dg.MetadataValue.path(str(page))
    return dg.AssetCheckResult(passed=result.is_success, metadata=metadata)


contracts = [contract_check(table) for table in BOUNDARY_TABLES]
