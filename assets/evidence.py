"""Stage 5, evidence: a signed pack about each judged release, which says later what a verdict rested on."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.presenting import markdown_table
from assets.releases import GROUP
from assets.resources import Goldworks
from assets.retries import no_retry_when_refused
from goldworks.evidence.keeping import Kept, keep_packs

CHECK = "packs_hold"
COLUMNS = ("release", "new", "headline", "pack")


class EvidenceConfig(dg.Config):
    """`releases`: just these (`use_case/release`); none: the newest release of each use case."""

    releases: list[str] = []  # noqa: RUF012 - a field of Dagster's config, copied for each


@dg.multi_asset(
    name="evidence",
    specs=[
        dg.AssetSpec(
            ["release", "evidence"],
            deps=[["release", "candidates"], ["release", "verdicts"], ["release", "waivers"]],
            group_name=GROUP,
            kinds={"python"},
            owners=["team:quality-engineering"],
            description="A folder per judged release in the home's evidence/: rows, one page, a PDF, a signature. Written anew "
            "when the judgment is another; `goldworks verify` checks one anywhere.",
        )
    ],
    check_specs=[
        dg.AssetCheckSpec(
            CHECK,
            asset=["release", "evidence"],
            description="Every pack is as it was signed, and its verdict follows from the rows in it.",
        )
    ],
)
def evidence(config: EvidenceConfig, goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Write the packs whose judgment is new; check all of them."""
    with no_retry_when_refused():
        home, now = goldworks.home, dt.datetime.now(dt.UTC)
        found = keep_packs(home.lake, goldworks.expectations, home.signer, home.root, now, config.releases)
    yield from results(found)


def results(found: list[Kept]) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """What the packs mean to Dagster."""
    rows = [{"release": one.name, "new": one.is_new, "headline": one.headline, "pack": one.folder.name} for one in found]
    shown = markdown_table(rows, COLUMNS, 60) if rows else "No release was judged yet."
    written = sum(one.is_new for one in found)
    yield dg.MaterializeResult(asset_key=["release", "evidence"], metadata={"packs": shown, "written": written})
    problems = [f"{one.name}: {problem}" for one in found for problem in one.problems]
    yield dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=["release", "evidence"],
        passed=not problems,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"problems": "\n".join(problems)} if problems else {},
    )


ASSETS = (evidence,)
