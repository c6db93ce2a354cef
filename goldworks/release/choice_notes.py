"""What one must know before believing a choice: what was left out, what is missing, where latency comes from."""

from __future__ import annotations

from collections.abc import Iterator

from goldworks.release.contenders import NUMBERS, Together
from goldworks.statistics.estimates import FEW_CLUSTERS

MUCH = 0.02
"""Share of missing values from which nothing should follow, as for gates."""


def notes_of(those: Together, metric: str) -> list[str]:
    """The notes, in words, without a full stop."""
    return [*_of_cases(those), *_of_metric(those, metric), *_of_numbers(those)]


def _of_cases(those: Together) -> Iterator[str]:
    every = {case for one in those.contenders for case in one.clusters}
    lacks = [f"{one.name} lacks {lost}" for one in those.contenders if (lost := len(every) - len(one.clusters))]
    if lacks:
        left_out = len(every) - len(those.cases)
        yield f"{left_out} of {len(every)} cases are left out, for not every run has them: {', '.join(lacks)}"


def _of_metric(those: Together, metric: str) -> Iterator[str]:
    kept = those.of_metric(metric)
    clusters = {those.contenders[0].clusters[case] for case in kept}
    if len(clusters) < FEW_CLUSTERS:
        yield f"{metric} rests on cases of {len(clusters)} conversations only: too few to rely on its intervals"
    measured = {case for one in those.contenders for case in one.within(metric, those.cases)}
    held = those.contenders[0].quarantined.get(metric, frozenset())
    if outside := set(those.cases) - measured - held:
        yield f"{metric}: {len(outside)} of {len(those.cases)} cases do not ask for it"
    if len(kept) < len(measured):
        yield f"{metric}: {len(measured) - len(kept)} cases are left out, for not every run has it there"
    for one in those.contenders:
        lost = sum(value is None for value in one.within(metric, kept).values())
        much = "; so many that nothing should follow from it" if lost > MUCH * len(kept) else ""
        if lost:
            yield f"{one.name}: {lost} of {len(kept)} values of {metric} are missing, and in none of its differences{much}"
    if metric in those.advisory:
        yield (
            f"{metric} rests on a model's opinion or stands for what people would say, and has no valid certificate (goldworks "
            "calibrate): it is shown as advice, not tested, and the front is without it"
        )
    elif any(metric in one.opinions for one in those.contenders):
        yield (
            f"{metric} stands for what people would say, and has a valid certificate; its differences are its own, not yet "
            "corrected for what it misses, as a gate's are"
        )


def _of_numbers(those: Together) -> Iterator[str]:
    recorded = [one.name for one in those.contenders if one.is_recorded]
    if recorded:
        is_mixed = len(recorded) < len(those.contenders)
        mixed = ", so it is not tested against that of live answers, though the front takes it as it is" if is_mixed else ""
        yield f"latency of recorded answers is the log's, as production measured it: {', '.join(recorded)}{mixed}"
    for number in NUMBERS:
        unknown = [name for name, known in those.numbers.items() if not known[number]]
        if len(unknown) == len(those.contenders):
            yield f"{number} is known of none, so the front is without it"
            continue
        if unknown:
            yield f"{number} is unknown of {', '.join(unknown)}, so there nobody beats anybody"
        left = len(those.cases) - len(those.of_number(number))
        if left:
            yield f"{number}: {left} of {len(those.cases)} cases are left out, for not every run has it there"
