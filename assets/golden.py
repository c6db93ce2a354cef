"""Stage 2, golden sets: candidates are drawn from conversations, people approve them, a version is minted."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.presenting import bars, markdown_table
from assets.resources import Goldworks
from goldworks.golden.candidates import propose
from goldworks.golden.leaks import leak_check
from goldworks.golden.mint import mint_approved
from goldworks.golden.read import latest_versions

GROUP = "golden"
KINDS = {"python", "deltalake"}
OWNERS = ["team:quality-engineering"]


@dg.asset(
    key=["golden", "candidates"],
    deps=[["logs", name] for name in ("conversations", "messages", "turns", "forgotten")],
    group_name=GROUP,
    kinds=KINDS,
    owners=OWNERS,
    pool="warehouse",
)
def candidates(goldworks: Goldworks) -> dg.MaterializeResult[Any]:
    """One row per proposed case: turns drawn by each use case's stratified, seeded plan, near duplicates removed."""
    lake = goldworks.home.lake
    counts = propose(lake, goldworks.use_cases, goldworks.home.key)
    rows = lake.rows("golden.candidates", ["use_case", "state"])
    metadata = {"by_use_case": bars(rows, "use_case"), "by_state": bars(rows, "state"), "proposed": sum(counts.values())}
    return dg.MaterializeResult(metadata=metadata)


@dg.multi_asset(
    name="mint",
    specs=[
        dg.AssetSpec(
            ["golden", name],
            deps=[["golden", "candidates"]],
            group_name=GROUP,
            kinds=KINDS,
            owners=OWNERS,
            description=description,
        )
        for name, description in (
            ("cases", "One row per case of a minted version; immutable."),
            ("versions", "One row per minted golden version; its id is the digest of its content."),
        )
    ],
)
def minted(goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any]]:
    """Mint a version of every use case that has approved cases; the same content is the same version."""
    lake = goldworks.home.lake
    results = mint_approved(lake, goldworks.use_cases, goldworks.home.key)
    rows = [{"use_case": r.use_case, "version": r.version_id, "cases": r.cases, "is_new": r.is_new} for r in results]
    table = markdown_table(rows, ("use_case", "version", "cases", "is_new"))
    yield dg.MaterializeResult(asset_key=["golden", "cases"], metadata={"cases": sum(r.cases for r in results)})
    yield dg.MaterializeResult(asset_key=["golden", "versions"], metadata={"versions": table})


@dg.asset_check(asset=["golden", "cases"], blocking=True)
def no_personal_data(goldworks: Goldworks) -> dg.AssetCheckResult:
    """The redactor recognises nothing in the text of the newest versions."""
    lake = goldworks.home.lake
    versions = latest_versions(lake)
    found = [leak for version in versions for leak in leak_check(lake, version, goldworks.redactor)]
    rows = [{"case": leak.case_id, "field": leak.field, "type": leak.type, "rule": leak.rule} for leak in found]
    metadata = {"versions": ", ".join(versions) or "none", "found": markdown_table(rows, ("case", "field", "type", "rule"))}
    return dg.AssetCheckResult(passed=not found, metadata=metadata)
