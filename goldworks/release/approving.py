"""What people approve of the policies that decide about a release: each state by its digest, and what of it is not approved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from goldworks.approvals.lacking import CALIBRATION, QUARANTINE, REVIEW, Decides, Lack, unapproved
from goldworks.approvals.policy import ReleasePolicy, Subject, load_release_policy
from goldworks.approvals.standing import RELEASE, standing
from goldworks.approvals.states import quarantine_digest, run_suite_digest, suite_digest, tier_digest
from goldworks.calibration.policy import load_calibration_policy
from goldworks.errors import InputError
from goldworks.evaluation.quarantine import load_quarantine
from goldworks.evaluation.suites import load_suite
from goldworks.lake import Lake
from goldworks.release.gate_policy import GatePolicy, load_gate_policies
from goldworks.release.rows import Evidence
from goldworks.review.policy import load_review_policy
from goldworks.review.rubric import load_rubrics
from goldworks.use_cases import UseCase, load_use_cases

DEFAULT = "default"


def lacks(
    lake: Lake, expectations: Path, rules: ReleasePolicy, policy: GatePolicy, use_case: UseCase, evidence: Evidence
) -> tuple[Lack, ...]:
    """What decides about the release and nobody who may has approved as it stands, in words with the command."""
    files = {name: suite_digest(load_suite(expectations / "suites" / f"{name}.yml")) for name in policy.suites}
    decides = Decides(
        gates=policy,
        use_case=use_case,
        suites=files,
        of_runs=_suites_of_runs(lake, evidence),
        quarantine=quarantine_digest(load_quarantine(expectations)),
        calibration=load_calibration_policy(expectations).digest,
    )
    return unapproved(standing(expectations, lake.home, rules), rules, decides)


def _suites_of_runs(lake: Lake, evidence: Evidence) -> dict[str, str]:
    ids = sorted(run.run_id for run in evidence.candidate.values())
    rows = lake.rows("evals.runs", ["suite", "config"], [("run_id", "in", ids)]) if ids else []
    return {row["suite"]: run_suite_digest(orjson.loads(row["config"])["suite"]) for row in rows}


def states(expectations: Path) -> Iterator[tuple[Subject, str, str]]:
    """Everything that can be approved below `expectations`: subject, name and digest. Raises `PolicyError`."""
    use_cases = load_use_cases(expectations / "use_cases.yml")
    terms = [use_cases.get(DEFAULT), *(use_cases.get(rule.name) for rule in use_cases.use_cases)]
    found: dict[Subject, dict[str, str]] = {
        "release": {RELEASE: load_release_policy(expectations).digest},
        "tiers": {one.name: tier_digest(one.tier) for one in terms},
        "gates": {one.name: one.digest for one in load_gate_policies(expectations)},
        "suites": {path.stem: suite_digest(load_suite(path)) for path in sorted((expectations / "suites").glob("*.yml"))},
        "sampling": {one.name: one.plan.digest for one in terms},
        "quarantine": {QUARANTINE: quarantine_digest(load_quarantine(expectations))},
        "calibration": {CALIBRATION: load_calibration_policy(expectations).digest},
        "rubrics": {name: one.digest for name, one in sorted(load_rubrics(expectations).items())},
        "review": {REVIEW: load_review_policy(expectations).sampling_digest},
    }
    return ((subject, name, digest) for subject, named in found.items() for name, digest in named.items())


def left_open(expectations: Path, home: Path) -> list[str]:
    """Subject and name of everything that is not approved as it stands, whatever asks for it. Raises `PolicyError`."""
    known = standing(expectations, home, load_release_policy(expectations))
    return [f"{subject} {name}" for subject, name, digest in states(expectations) if not known.holds(subject, name, digest)]


def state_of(expectations: Path, subject: Subject, name: str) -> tuple[str, str]:
    """The name under which a state is approved, and its digest as it stands. Raises `InputError` naming what there is."""
    if subject in ("tiers", "sampling"):  # a use case that the file does not name has the default's terms
        use_case = load_use_cases(expectations / "use_cases.yml").get(name)
        return use_case.name, tier_digest(use_case.tier) if subject == "tiers" else use_case.plan.digest
    found = {one: digest for of, one, digest in states(expectations) if of == subject}
    if name not in found and list(found) == [subject]:
        raise InputError(f"no {subject} policy {name!r}", remedy=f"there is one: goldworks gate approve {subject} {subject}")
    if name not in found:
        of = {"gates": "gate policy", "suites": "suite", "rubrics": "rubric"}[subject]
        raise InputError(f"no {of} {name!r}", remedy=f"one of: {', '.join(found)}")
    return name, found[name]
