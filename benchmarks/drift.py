"""Does a certificate notice that it is used on other answers? Published labels of the development data.

uv run python -m benchmarks.drift [DATA]

`lexical_support` is certified on three of BEGIN's four systems and used on the fourth, another system of another quality: what
plain distributions say, what they say when a change of quality is allowed for, and what share of bad answers would follow from
how bad and good ones used to score, next to people's. The same with MTRAG's answers; and of each system with one half of its own
answers used on the other half.
"""

from __future__ import annotations

import csv
import gzip
import io
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.calibration import DATA, begin_items, mtrag_items
from goldworks.calibration import LabelledItem, load_calibration_policy
from goldworks.calibration.certificate import is_first_half
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics.drift_mixture import MixtureDrift, mixture_drift
from goldworks.statistics.drift_scores import Sample, ScoreDrift, score_drift

METRIC = "lexical_support"


@dataclass(frozen=True, slots=True)
class Found:
    """Certified on some answers, used on others. `bad_share`: of those that it is used on, by people."""

    certified_on: str
    used_on: str
    plain: ScoreDrift
    beyond_quality: MixtureDrift
    bad_share: float


def systems(data: Path) -> dict[str, str]:
    """System of each answer of BEGIN, by item id."""
    with gzip.open(data / "sources" / "begin" / "wow" / "begin_test_wow.tsv.gz") as file:
        rows = csv.DictReader(io.StringIO(file.read().decode("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
        return {f"begin{number}": row["model_name"] for number, row in enumerate(rows)}


def comparisons(data: Path) -> Iterator[Found]:
    """Every system of BEGIN against the other three and against itself, and MTRAG's answers against all of BEGIN."""
    system, items = systems(data), begin_items(data, METRIC)
    for name in sorted(set(system.values())):
        own = [one for one in items if system[one.item_id] == name]
        yield compare("the other three", name, [one for one in items if system[one.item_id] != name], own)
        halves = [[one for one in own if is_first_half(one.item_id) is first] for first in (True, False)]
        yield compare(f"half of {name}", f"the other half of {name}", *halves)
    yield compare("BEGIN", "MTRAG", items, mtrag_items(data, METRIC)[0])


def compare(certified_on: str, used_on: str, certified: Sequence[LabelledItem], used: Sequence[LabelledItem]) -> Found:
    """By the limits of the policy."""
    drift = load_calibration_policy(PROJECT_ROOT / "expectations").drift
    bad, good = ([one for one in certified if one.is_failure is failed] for failed in (True, False))
    said = [one.is_failure for one in used if one.is_failure is not None]
    return Found(
        certified_on,
        used_on,
        score_drift(_sample([*bad, *good]), _sample(used), seed=1, alpha=drift.alpha, least_effect=drift.least_effect),
        mixture_drift(_sample(bad), _sample(good), _sample(used), seed=1, alpha=drift.alpha, least_effect=drift.least_effect),
        sum(said) / len(said),
    )


def _sample(items: Sequence[LabelledItem]) -> Sample:
    known = [(one.value, one.cluster) for one in items if one.value is not None]
    return Sample([value for value, _ in known], clusters=[cluster for _, cluster in known])


def main() -> None:
    """Print the comparisons."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    table = Table(
        "certified on", "used on", "answers", "plain distance", "beyond quality", "drift", "bad by people", "by mixture"
    )
    for one in comparisons(parser.parse_args().data):
        plain, beyond = one.plain, one.beyond_quality
        distances = [
            "too few" if found.effect is None else f"{found.effect:.3f} (chance {found.limit or 0:.3f})"
            for found in (plain, beyond)
        ]
        share = "" if beyond.bad_share is None else f"{beyond.bad_share:.2f}"
        said = "yes" if beyond.has_moved else "no"
        table.add_row(one.certified_on, one.used_on, str(beyond.n_current), *distances, said, f"{one.bad_share:.2f}", share)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
