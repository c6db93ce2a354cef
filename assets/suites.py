"""One suite of one release by itself: what the Dagster UI offers to run, or run again, alone. Verdicts and marts follow later.

Jobs evaluate whole releases in one step (`evals`), for suites of a release share its answers and a release is judged once, when
all of its suites are there: every judgment is a look that the gate policy counts.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.evals import GROUP, KINDS, SUITES, evaluate_one, note_of, of_partition
from assets.partitions import partition_of, suites_of_releases
from assets.resources import Goldworks
from assets.retries import no_retry_when_refused
from goldworks.errors import InputError
from goldworks.evaluation.plan import Wanted, wanted_runs


class SuiteConfig(dg.Config):
    """`occasion`: a new one asks the target anew; none: a run that is done already is not made again."""

    occasion: str = ""


@dg.asset(
    key=SUITES,
    partitions_def=suites_of_releases,
    deps=[["golden", "versions"], ["golden", "cases"]],
    group_name=GROUP,
    kinds=KINDS,
    owners=["team:quality-engineering"],
    pool="evals",  # one after the other: suites of a release share its journal, which one process at a time may hold
    retry_policy=dg.RetryPolicy(max_retries=1, delay=20),  # answers that were journalled are not asked for again
)
def suites_of_releases_run(
    context: dg.AssetExecutionContext, config: SuiteConfig, goldworks: Goldworks
) -> Iterator[dg.MaterializeResult[Any]]:
    """One partition per suite of a release: its newest run. Each evaluation fills them in; one alone can be run from here."""
    with no_retry_when_refused():
        for key, wanted in _wanted(goldworks, list(context.partition_keys)).items():
            result = evaluate_one(context, goldworks, wanted, config.occasion, key)
            context.log.info(f"{key}: {result.status}, {result.row['answers']} answers. {note_of(result) or ''}")
            context.add_asset_metadata(of_partition(result), partition_key=key)
    yield dg.MaterializeResult()


def _wanted(goldworks: Goldworks, keys: list[str]) -> dict[str, Wanted]:
    """The run that each partition stands for. Raises `InputError` for one that is wanted no more."""
    releases = sorted({key.rsplit("/", 1)[0] for key in keys})
    runs = wanted_runs(goldworks.home.lake, goldworks.expectations, is_benchmark=False, only=releases)
    found = {partition_of(one): one for one in runs}
    gone = [key for key in keys if key not in found]
    if gone:
        raise InputError(
            f"no evaluation is wanted of {', '.join(gone)}",
            remedy="mint a golden version of the use case, or name the suite in the release's file or policies/evaluation.yml",
        )
    return {key: found[key] for key in keys}


ASSETS = (suites_of_releases_run,)
