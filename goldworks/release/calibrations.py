"""From the tables to what a gate knows of a judge or proxy: the state of its certificate, and the labels that it rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from goldworks.calibration.certificate import is_first_half
from goldworks.calibration.certifying import current_certificates, not_approved, state_at
from goldworks.calibration.gathering import Judged, judged_items, labels_of, metric_values
from goldworks.calibration.policy import Pairing, load_calibration_policy
from goldworks.digests import digest
from goldworks.lake import Lake
from goldworks.release.rows import Calibration, Compared, Comparisons, Drift, Labelled, SuiteRun
from goldworks.release.score_drift import drift_in
from goldworks.review.rubric import Rubric, load_rubrics
from goldworks.use_cases import load_use_cases

COLUMNS = [
    *("certificate_id", "suite", "metric", "scorer_digest", "state", "labels_missing", "expires_at"),
    *("fails_up_to", "chosen_on"),
]
Row = Mapping[str, Any]
Read = dict[tuple[str, str, str], dict[str, float | None]]
"""(use case, suite/metric, scorer) to the metric's value by item."""


class Certificates(NamedTuple):
    """By `suite/metric`: state of the certificate, labels that it lacks, the labels that valid ones have, and of those that would
    be valid if the scores were those that it is about (state `drift`) what moved; also of valid ones of which a baseline's moved.
    `comparisons`: what that was found in, None when none is valid.
    """

    states: dict[str, str]
    missing: dict[str, int]
    calibrations: dict[str, Calibration]
    drifted: dict[str, Drift]
    comparisons: Comparisons | None = None


def certificates(
    lake: Lake,
    expectations: Path,
    use_case: str,
    runs: Mapping[str, SuiteRun],
    now: dt.datetime,
    read: Read | None = None,
    *,
    in_service: Mapping[str, SuiteRun] | None = None,
) -> Certificates:
    """What the certificates of a use case are worth to runs, by suite.

    One of another scorer than the run used, of another rubric or other limits than today's is revoked; one that rests on a rubric
    or review policy which is not approved as it stands does not count; nor does one that was made on other scores, see
    `score_drift`. `in_service`: the baseline's runs, empty without a baseline; None: verdicts of 0 and 1 are not compared. A
    graded metric whose scores moved in the baseline alone keeps its certificate, for what is said of the release itself. `read`:
    values that were read already, for who asks for many runs; it is added to.
    """
    digests = {suite: run.scorer_digests for suite, run in runs.items()}
    states, missing, valid = _standing(lake, expectations, use_case, digests, now)
    if not valid:
        return Certificates(states, missing, {}, {})
    known = {} if read is None else read
    calibrations, comparisons = _calibrations(lake, expectations, use_case, runs, in_service, valid, now, known)
    drifted = drift_in(comparisons, [*runs.values(), *(in_service or {}).values()])
    lost = [of for of, moved in drifted.items() if not moved.is_of_baseline]
    kept = {of: one for of, one in calibrations.items() if of not in lost}
    return Certificates({**states, **dict.fromkeys(lost, "drift")}, missing, kept, drifted, comparisons)


def _standing(
    lake: Lake, expectations: Path, use_case: str, scorer_digests: Mapping[str, Mapping[str, str]], now: dt.datetime
) -> tuple[dict[str, str], dict[str, int], dict[str, Row]]:
    """(state, labels missing, row of the valid ones) by `suite/metric`. `scorer_digests`: by suite, then metric."""
    rows = lake.rows("review.certificates", COLUMNS, [("use_case", "=", use_case)])
    current = current_certificates(lake, expectations, use_case) if rows else {}
    lacks = not_approved(lake, expectations, use_case) if rows else {}
    states = {f"{row['suite']}/{row['metric']}": "revoked" for row in rows}
    missing: dict[str, int] = {}
    valid: dict[str, Row] = {}
    for row in rows:
        name = f"{row['suite']}/{row['metric']}"
        is_of_run = scorer_digests.get(row["suite"], {}).get(row["metric"]) == row["scorer_digest"]
        if is_of_run and row["certificate_id"] == current.get(name):
            states[name] = state_at(row, now, lacks.get(name, ()))
            missing[name] = row["labels_missing"]
            if states[name] == "valid":
                valid[name] = row
    return states, missing, valid


def _calibrations(
    lake: Lake,
    expectations: Path,
    use_case: str,
    runs: Mapping[str, SuiteRun],
    in_service: Mapping[str, SuiteRun] | None,
    valid: Mapping[str, Row],
    now: dt.datetime,
    read: Read,
) -> tuple[dict[str, Calibration], Comparisons]:
    policy, rubrics = load_calibration_policy(expectations), load_rubrics(expectations)
    asks = policy.limits[load_use_cases(expectations / "use_cases.yml").get(use_case).tier]
    since = now - dt.timedelta(days=policy.label_days)
    found: dict[str, Calibration] = {}
    compared: dict[str, tuple[Compared, ...]] = {}
    for pairing in policy.pairings_of(use_case):
        row, rubric = valid.get(pairing.of), rubrics[pairing.rubric]
        if row is None or row["fails_up_to"] is None:
            continue
        said = [
            one
            for one in judged_items(labels_of(lake, use_case, rubric, pairing.dimension), rubric)
            if one.is_failure is not None
        ]
        recent = [one for one in said if one.labelled_at >= since]
        key = use_case, pairing.of, row["scorer_digest"]
        if key not in read:
            read[key] = metric_values(lake, use_case, pairing.suite, pairing.metric, row["scorer_digest"])
        run, is_graded = runs[pairing.suite], row["chosen_on"] > 0
        labels, of_labels, newest = _labels(lake, pairing, rubric, row, run, recent, read[key])
        compared[pairing.of] = tuple(
            Compared(
                one.run_id,
                labels if one is run else _labels(lake, pairing, rubric, row, one, recent, read[key])[0],
                is_graded,
                is_of_baseline=is_graded and one is not run,
            )
            for one in _compared(pairing, row, run, in_service)
        )
        found[pairing.of] = Calibration(row["fails_up_to"], is_graded, labels, row["certificate_id"], of_labels, newest)
    return found, Comparisons(policy.drift, asks, compared)


def _compared(pairing: Pairing, row: Row, run: SuiteRun, in_service: Mapping[str, SuiteRun] | None) -> list[SuiteRun]:
    """The runs whose scores are compared, the one that decides most first: of a graded metric this one, then the baseline's; of
    verdicts of 0 and 1 the baseline's alone, without one this. A baseline that another scorer judged is none.
    """
    base = (in_service or {}).get(pairing.suite)
    if base is not None and (base.run_id == run.run_id or base.scorer_digests.get(pairing.metric) != row["scorer_digest"]):
        base = None
    if row["chosen_on"] > 0:
        return [run] if base is None else [run, base]
    if in_service is None:
        return []
    return [run if base is None else base]


def _labels(
    lake: Lake,
    pairing: Pairing,
    rubric: Rubric,
    row: Row,
    run: SuiteRun,
    said: list[Judged],
    values: Mapping[str, float | None],
) -> tuple[tuple[Labelled, ...], str, str]:
    """Each answer once, also when it was labelled as a turn and as an answer; with the digest of what people said, and the
    ISO time at which the last of it came in.
    """
    chances = _chances(lake, rubric)
    places = _places(lake, run.run_id)
    clusters, is_graded = run.clusters, row["chosen_on"] > 0
    of_run = {(one["case_id"], one["repeat"]): one["value"] for one in run.scores if one["metric"] == pairing.metric}
    found: list[Labelled] = []
    words: list[tuple[str, bool]] = []
    newest = ""
    seen: set[tuple[str, int]] = set()
    for one in said:
        place = places.get(one.item_id)
        value = of_run.get(place) if place in of_run else values.get(one.item_id)
        if value is None or one.is_failure is None or place in seen:
            continue
        if place is not None:
            seen.add(place)
        case, repeat = place or (None, 0)
        cluster = clusters.get(case, case) if case is not None else one.cluster
        held_out = not (is_graded and is_first_half(one.item_id))
        found.append(Labelled(value, one.is_failure, cluster, case, repeat, chances.get(one.item_id, 1.0), held_out))
        words.append((one.item_id, one.is_failure))
        newest = max(newest, one.taken_at.astimezone(dt.UTC).isoformat(timespec="microseconds"))
    return tuple(found), digest(words), newest


def _places(lake: Lake, run_id: str) -> dict[str, tuple[str, int]]:
    """Case and repeat of each answer of the run, by both ids under which people may have labelled it."""
    found: dict[str, tuple[str, int]] = {}
    for row in lake.rows("evals.answers", ["case_id", "repeat", "trace_id"], [("run_id", "=", run_id)]):
        place = row["case_id"], row["repeat"]
        found[f"{run_id}/{row['case_id']}/{row['repeat']}"] = place
        if row["trace_id"]:
            found[row["trace_id"]] = place
    return found


def _chances(lake: Lake, rubric: Rubric) -> dict[str, float]:
    where = [("rubric", "=", rubric.name), ("rubric_version", "=", rubric.version), ("kind", "=", "sample")]
    rows = lake.rows("review.tasks", ["item_id", "inclusion_probability"], where)
    return {row["item_id"]: row["inclusion_probability"] for row in rows}
