"""Stage 5, decisions: releases judged by their gates. A release that is held back fails a check, not the step."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.presenting import markdown_table
from assets.resources import Goldworks
from assets.retries import no_retry_when_refused
from goldworks.access.signing import Signer
from goldworks.release.all_releases import Judged, judge_all
from goldworks.release.outputs import headline

GROUP = "release"
KINDS = {"python", "deltalake"}
GRAINS = {
    "candidates": "One row per release that was judged, with the versions of what it consists of.",
    "verdicts": "One row per gate of a judgment about a release, with its estimate and what would settle it.",
    "waivers": "One row per waiver or sign-off, with whether it counts; those that ended open their gates again.",
}
COLUMNS = ("use_case", "release", "verdict", "blocked", "headline")


class JudgeConfig(dg.Config):
    """`releases`: just these (`use_case/release`); none: the newest release of each use case."""

    releases: list[str] = []  # noqa: RUF012 - a field of Dagster's config, copied for each


@dg.multi_asset(
    name="judge",
    specs=[
        dg.AssetSpec(
            ["release", name],
            deps=[
                ["evals", "runs"],
                ["evals", "scores"],
                ["evals", "answers"],
                ["golden", "versions"],
                ["review", "certificates"],
            ],
            group_name=GROUP,
            kinds=KINDS,
            owners=["team:quality-engineering"],
            description=grain,
        )
        for name, grain in GRAINS.items()
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "newest_releases_may_go_out",
            asset=["release", "verdicts"],
            description="No newest release is held back: none fails its gates, none is undecided where its tier blocks that.",
        ),
        dg.AssetCheckSpec(
            "every_release_was_judged",
            asset=["release", "verdicts"],
            description="Each newest release has a gate policy that takes it and could be judged.",
        ),
        dg.AssetCheckSpec(
            "every_waiver_counts",
            asset=["release", "waivers"],
            description="No waiver of these releases ended, was changed after it was signed, or was approved by who may not.",
        ),
    ],
)
def judge(config: JudgeConfig, goldworks: Goldworks) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Judge the newest release of each use case against the one before; judged again, the same judgment writes nothing new."""
    with no_retry_when_refused():
        home = goldworks.home
        found = judge_all(home.lake, goldworks.expectations, Signer(home.root), config.releases)
    yield from results(found)


def results(found: Judged) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """What the judgments mean to Dagster."""
    verdicts = [decision.verdict for decision in found.decisions]
    rows = [
        {"use_case": v.use_case, "release": v.release, "verdict": v.status, "blocked": v.is_blocked, "headline": headline(v)}
        for v in verdicts
    ]
    shown = markdown_table(rows, COLUMNS, 60) if rows else "Nothing to judge yet: no release was evaluated."
    held = [headline(v) for v in verdicts if v.is_blocked]
    lapsed = [one for v in verdicts for one in v.acceptances if one.state != "valid"]
    yield dg.MaterializeResult(asset_key=["release", "candidates"], metadata={"judged": len(rows)})
    yield dg.MaterializeResult(asset_key=["release", "verdicts"], metadata={"verdicts": shown, "held_back": len(held)})
    yield dg.MaterializeResult(asset_key=["release", "waivers"], metadata={"do_not_count": len(lapsed)})
    yield _check("newest_releases_may_go_out", "verdicts", not held, held)
    not_judged = [f"{name}: {why}" for name, why in found.not_judged.items()]
    yield _check("every_release_was_judged", "verdicts", not not_judged, not_judged)
    yield _check("every_waiver_counts", "waivers", not lapsed, [f"{one.waiver.waiver}: {one.detail}" for one in lapsed])


def _check(name: str, asset: str, passed: bool, problems: list[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=["release", asset],
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"problems": "\n".join(problems)} if problems else {},
    )


ASSETS = (judge,)
