"""`review.certificates`: made from the labels there are, and what they are worth today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from goldworks.calibration.certificate import Certificate, certify
from goldworks.calibration.gathering import judged_items, labelled_items, labels_of, metric_values, raters_alpha
from goldworks.calibration.policy import Pairing
from goldworks.calibration.standards import Standards
from goldworks.digests import digest
from goldworks.evaluation.suites import Suite, judged
from goldworks.lake import Lake
from goldworks.statistics import Estimate

Row = dict[str, Any]
NOT_APPROVED = "not_approved"
"""State of a certificate that labels bear out, by a rubric or policies that nobody has approved as they stand."""

Rejudge = Callable[[Suite, str, list[str]], float | None]
"""(suite, metric, item ids) to the share of equal verdicts when a model judges again; None when it cannot."""


def certify_all(
    lake: Lake, expectations: Path, now: dt.datetime, *, use_case: str | None = None, rejudge: Rejudge | None = None
) -> list[Row]:
    """Make the certificates of every use case with labels, or of one, and store them; return their rows.

    `rejudge` asks models again, which costs: without it a model keeps the consistency that was measured before.
    """
    standards = Standards(expectations, lake.home)
    rows: list[Row] = []
    for name in [use_case] if use_case is not None else _labelled_use_cases(lake):
        lacks = standards.not_approved(name)
        for pairing in standards.policy.pairings_of(name):
            row = _certify(lake, standards, pairing, name, now, rejudge)
            rows.append(_with_approvals(row, lacks[pairing.of]))
    lake.upsert("review.certificates", rows)
    return rows


def current_certificates(lake: Lake, expectations: Path, use_case: str) -> dict[str, str]:
    """Id of the certificate of each `suite/metric` that would count as things are."""
    return Standards(expectations, lake.home).certificate_ids(use_case)


def not_approved(lake: Lake, expectations: Path, use_case: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """By `suite/metric`, what nobody approved of that on which its labels rest: (words, command)."""
    return Standards(expectations, lake.home).not_approved(use_case)


def _with_approvals(row: Row, lacks: Collection[tuple[str, str]]) -> Row:
    """What labels show stands, and counts once what they rest on is approved."""
    state = NOT_APPROVED if row["state"] == "valid" and lacks else row["state"]
    return {**row, "state": state, "missing": [*row["missing"], *map(": ".join, lacks)]}


def states(lake: Lake, expectations: Path, use_case: str, now: dt.datetime) -> dict[str, str]:
    """What a certificate of each `suite/metric` is worth: valid, not_usable, too_few_labels, expired, not_approved (the
    rubric, the review or the calibration policy), or revoked (the scorer, its model or prompt, the rubric, or the limits are
    others than those that were certified). Absent: never certified.
    """
    made = lake.rows("review.certificates", where=[("use_case", "=", use_case)])
    standards = Standards(expectations, lake.home)
    current, lacks = standards.certificate_ids(use_case), standards.not_approved(use_case)
    found = {f"{row['suite']}/{row['metric']}": "revoked" for row in made}
    for row in made:
        name = f"{row['suite']}/{row['metric']}"
        if row["certificate_id"] == current.get(name):
            found[name] = state_at(row, now, lacks.get(name, ()))
    return found


def state_at(row: Mapping[str, Any], now: dt.datetime, lacks: Collection[tuple[str, str]] | None = None) -> str:
    """The state of a certificate at a time. `lacks`: what is not approved today; None: as it was when it was made."""
    state: str = row["state"]
    if lacks is not None and state in ("valid", NOT_APPROVED):
        state = NOT_APPROVED if lacks else "valid"
    return "expired" if state == "valid" and row["expires_at"] <= now else state


def _certify(lake: Lake, standards: Standards, pairing: Pairing, use_case: str, now: dt.datetime, rejudge: Rejudge | None) -> Row:
    policy, tier, rubric, suite = standards.policy, standards.tier(use_case), standards.rubric(pairing), standards.suite(pairing)
    scorer_digest = suite.scorer_digests[pairing.metric]
    labels = labels_of(lake, use_case, rubric, pairing.dimension)
    values = metric_values(lake, use_case, pairing.suite, pairing.metric, scorer_digest)
    said = judged_items(labels, rubric)
    items = labelled_items(said, values)
    known = standards.certificate_id(use_case, pairing)
    consistency, rejudged_at = _consistency(lake, suite, pairing.metric, known, [one.item_id for one in items], rejudge, now)
    found = certify(
        items,
        policy.limits[tier].at(policy.label_days),
        now=now,
        human_alpha=raters_alpha(labels, rubric.by_name[pairing.dimension]),
        self_consistency=consistency,
        cost_of_miss=policy.cost_of_miss,
        least_in_segment=policy.least_in_segment,
        name=f"{use_case}/{pairing.of}",
        is_graded=any(value not in (None, 0.0, 1.0) for value in values.values()),
    )
    unscored = len(said) - len(items)
    row: Row = {
        "certificate_id": known,
        "use_case": use_case,
        "suite": pairing.suite,
        "metric": pairing.metric,
        "scorer_digest": scorer_digest,
        "rubric": rubric.name,
        "rubric_version": rubric.version,
        "rubric_digest": rubric.digest,
        "dimension": pairing.dimension,
        "tier": tier,
        "limits_digest": digest(policy.limits[tier].model_dump(mode="json")),
        "self_consistency": consistency,
        "rejudged_at": rejudged_at,
        "certified_at": now,
        **_columns(found),
    }
    if rejudged_at is not None:
        until = rejudged_at + dt.timedelta(days=policy.rejudge_days)
        row["expires_at"] = min(row["expires_at"] or until, until)
        if until <= now:
            when = f"it judged again on {rejudged_at:%Y-%m-%d}, which counts for {policy.rejudge_days} days"
            row["missing"] = [*row["missing"], f"{when}: goldworks calibrate --rejudge"]
    if found.state == "too_few_labels":
        row["missing"] = [*row["missing"], *_where_labels_are(found, pairing, unscored)]
    return row


def _where_labels_are(found: Certificate, pairing: Pairing, unscored: int) -> Iterator[str]:
    """Why fewer labels count than were given."""
    if found.is_graded:
        yield f"half of the labels choose where {pairing.metric} is cut, the others count: {found.labels_missing} more at least"
    if unscored:
        yield f"{unscored} other labelled answers have no score of {pairing.of}: goldworks review queue draws such as have one"


def _consistency(
    lake: Lake, suite: Suite, metric: str, certificate: str, items: list[str], rejudge: Rejudge | None, now: dt.datetime
) -> tuple[float | None, dt.datetime | None]:
    """(share of equal verdicts, when it was measured). 1 of programs, which need not be asked. Of a model what is measured now,
    where it can be, else what stands in the certificate of the same model and prompt; of which day it is must be known.
    """
    if metric not in judged(suite.model_dump(mode="json")):
        return 1.0, None
    if rejudge is not None and items:
        share = rejudge(suite, metric, items)
        if share is not None:
            return share, now
    rows = lake.rows("review.certificates", ["self_consistency", "rejudged_at"], [("certificate_id", "=", certificate)])
    if not rows or rows[0]["rejudged_at"] is None:
        return None, None
    return rows[0]["self_consistency"], rows[0]["rejudged_at"]


def _labelled_use_cases(lake: Lake) -> list[str]:
    rows = lake.rows("review.labels", ["use_case"], [("label_kind", "=", "human")])
    return sorted({row["use_case"] for row in rows if row["use_case"]})


def _columns(found: Certificate) -> Row:
    quality = found.quality
    estimates: dict[str, Estimate | None] = {
        "agreement": quality.agreement,
        "sensitivity": quality.sensitivity,
        "specificity": quality.specificity,
        "balanced_accuracy": quality.balanced_accuracy,
        "kappa": quality.kappa,
        "auroc": found.auroc,
        "ece": found.ece,
        "human_alpha": found.human_alpha,
        "bias_after_correction": found.bias_after_correction,
    }
    row: Row = {
        "state": found.state,
        "missing": list(found.missing),
        "labels_missing": found.labels_missing,
        "fails_up_to": found.fails_up_to,
        "labels": quality.n,
        "chosen_on": found.n_chosen_on,
        "positives": quality.n_positive,
        "unsure": quality.n_unsure,
        "abstained": quality.n_abstained,
        "hits": found.cells.get((True, True), 0),
        "misses": found.cells.get((False, True), 0),
        "false_alarms": found.cells.get((True, False), 0),
        "right_passes": found.cells.get((False, False), 0),
        "segments": orjson.dumps({name: _brief(one) for name, one in found.by_segment.items()}).decode(),
        "newest_label_at": found.newest_label,
        "expires_at": found.expires_at,
    }
    for name, one in estimates.items():
        for end, value in (("", one and one.value), ("_low", one and one.low), ("_high", one and one.high)):
            row[name + end] = value
    return row


def _brief(quality: Any) -> dict[str, Any]:
    parts: Iterable[tuple[str, Estimate]] = (
        ("sensitivity", quality.sensitivity),
        ("specificity", quality.specificity),
        ("kappa", quality.kappa),
    )
    return {"n": quality.n, **{name: [one.value, one.low, one.high] for name, one in parts}}
