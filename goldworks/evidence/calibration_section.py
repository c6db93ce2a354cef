"""The section of a document about what people confirm: certificates of metrics, drift, agreement of reviewers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldworks.evidence.sections import Section, Table

Row = dict[str, Any]


def _standing(certificate: Row, moved: Row | None) -> str:
    if moved is None:
        return certificate["state"]
    return f"{certificate['state']}, drift{' of the baseline' if moved.get('is_of_baseline') else ''}"


def _where(moved: Row) -> str:
    return "against the baseline" if moved.get("is_of_baseline") else "here"


def calibration(certificates: Sequence[Row], agreement: Sequence[Row], drifted: Mapping[str, Row]) -> Section:
    """Rows of `certificates.json` and `agreement.json`, and what moved, by `suite/metric`."""
    made = [
        (
            f"{one['suite']}/{one['metric']}",
            _standing(one, drifted.get(f"{one['suite']}/{one['metric']}")),
            f"{one['labels']:,}",
            _interval(one, "sensitivity"),
            _interval(one, "kappa"),
        )
        for one in certificates
    ]
    agreed = [
        (
            f"{one['rubric']} {one['rubric_version']}",
            one["dimension"],
            f"{one['units']:,}",
            _interval(one, "alpha"),
            one["status"],
        )
        for one in agreement
    ]
    blocks = (
        Table(("Metric", "Certificate", "Labels", "Sensitivity", "Kappa with people"), made, (28, 18, 10, 22, 22))
        if made
        else "No metric is certified against human labels; opinions of judges decide no gate.",
        *(f"{of} does not count {_where(moved)}: {moved['words']}." for of, moved in sorted(drifted.items())),
        Table(("Rubric", "Question", "Items", "Krippendorff's alpha", "State"), agreed, (22, 22, 10, 28, 18))
        if agreed
        else "No agreement of reviewers was computed.",
    )
    maps = "Annex IV 2(e) (human oversight), 3; NIST MEASURE 1, 4; ISO/IEC 42001 A.9"
    return Section("Calibration and agreement", maps, blocks)


def _interval(row: Row, name: str) -> str:
    if row[name] is None:
        return "no value"
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return (
        f"{row[name]:.2f} ({low:.2f} to {high:.2f})" if low is not None and high is not None else f"{row[name]:.2f} (no interval)"
    )
