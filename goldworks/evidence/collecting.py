"""From the tables to the files of a pack that hold what is known: rows, policies, people's decisions, where the data came from.

No text of conversations and no id of one. The customer edition also leaves out names of people, targets and reasons of waivers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from goldworks.approvals.policy import ReleasePolicy, load_release_policy
from goldworks.evidence.grounds import Found
from goldworks.evidence.names import SCORE, names_of, renamed
from goldworks.evidence.provenance import provenance
from goldworks.evidence.rows import Files, as_json, to_files
from goldworks.evidence.written_by import written_by
from goldworks.lake import Lake
from goldworks.release.deciding import Decision
from goldworks.release.gathering import gather
from goldworks.release.risks import covered, load_risks
from goldworks.release.rows import Evidence, SuiteRun
from goldworks.release.waivers import Acceptance
from goldworks.use_cases import load_use_cases

Edition = Literal["full", "customer"]
WITHHELD = "withheld"
Row = dict[str, Any]
CERTIFICATE = ("certificate_id", "suite", "metric", "rubric", "rubric_version", "dimension", "state", "labels", "missing")
FIGURES = ("sensitivity", "specificity", "kappa", "auroc", "ece", "human_alpha")
AGREEMENT = ("rubric", "rubric_version", "dimension", "units", "raters", "alpha", "alpha_low", "alpha_high", "percent", "ac1")


def collect(lake: Lake, expectations: Path, decision: Decision, edition: Edition, now: dt.datetime) -> Files:
    """The files of a pack about a judgment, but for what follows from them."""
    asked = decision.asked
    policy, found = gather(lake, expectations, asked, now)
    known = _with_every_score(lake, found)
    grounds = Found(lake, expectations, policy, known)
    names = names_of(known, grounds.case_ids())
    evidence = renamed(known, names)
    rules = load_release_policy(expectations)
    terms = load_use_cases(expectations / "use_cases.yml").get(asked.use_case)
    (judged_at,) = {
        row["judged_at"] for row in lake.rows("release.verdicts", ["judged_at"], [("judgment_id", "=", decision.judgment_id)])
    }
    risks = covered(load_risks(expectations), asked.use_case, _suites_run(lake, asked.use_case, asked.release), policy)
    facts: Row = {
        "edition": edition,
        "judgment_id": decision.judgment_id,
        "judged_at": judged_at.isoformat(timespec="seconds"),
        "written_by": written_by(),
        "preconditions": list(decision.lacking),
        "components": asked.declared.components.model_dump() if asked.declared is not None else {},
        **provenance(lake, asked.use_case, evidence),
        "risks": [
            {"risk": one.risk.risk, "title": one.risk.title, "rank": one.risk.rank, "cover": one.cover, "words": one.words}
            for one in risks
        ],
    }
    if edition == "full":
        targets = {row["run_id"]: row["target"] for row in lake.rows("evals.runs", ["run_id", "target"])}
        runs = [*evidence.candidate.values(), *evidence.base.values()]
        facts["internal"] = {
            "owner": terms.owner,
            "author": asked.declared.author if asked.declared is not None else None,
            "risk_owners": {one.risk.risk: one.risk.owner for one in risks},
            "targets": {run.run_id: targets.get(run.run_id) for run in runs},
        }
    return {
        **to_files(evidence),
        **grounds.to_files(names, evidence),
        "policy.json": as_json(policy.model_dump(mode="json")),
        "rules.json": as_json(_rules(rules, edition).model_dump(mode="json")),
        "waivers.json": as_json(_waivers(decision.verdict.acceptances, edition)),
        "certificates.json": as_json(_certificates(lake, asked.use_case)),
        "agreement.json": as_json(_agreement(lake)),
        "facts.json": as_json(facts),
    }


def _with_every_score(lake: Lake, evidence: Evidence) -> Evidence:
    columns = ["case_id", *SCORE]

    def full(run: SuiteRun) -> SuiteRun:
        return replace(run, scores=lake.rows("evals.scores", columns, [("run_id", "=", run.run_id)]))

    sides = ({suite: full(run) for suite, run in side.items()} for side in (evidence.candidate, evidence.base))
    candidate, base = sides
    return replace(evidence, candidate=candidate, base=base)


def _suites_run(lake: Lake, use_case: str, release: str) -> set[str]:
    where = [("use_case", "=", use_case), ("release", "=", release)]
    return {row["suite"] for row in lake.rows("evals.runs", ["suite"], where)}


def _rules(rules: ReleasePolicy, edition: Edition) -> ReleasePolicy:
    if edition == "full":
        return rules
    return rules.model_copy(update={"people": dict.fromkeys(rules.people, (WITHHELD,))})


def _waivers(acceptances: Sequence[Acceptance], edition: Edition) -> list[Row]:
    found: list[Row] = []
    for one in acceptances:
        waiver, detail = one.waiver.model_dump(mode="json"), one.detail
        if edition == "customer":
            names = ("owner", "reason", "mitigation", "issue", "approved_by")
            waiver |= {name: WITHHELD for name in names if waiver[name] is not None} | {"signature": None}
            detail = WITHHELD if detail else ""
        found.append({"waiver": waiver, "digest": one.waiver.digest, "state": one.state, "detail": detail})
    return found


def _certificates(lake: Lake, use_case: str) -> list[Row]:
    rows = lake.rows("review.certificates", where=[("use_case", "=", use_case)])
    figures = [f"{name}{end}" for name in FIGURES for end in ("", "_low", "_high")]
    kept = [*CERTIFICATE, *figures, "certified_at", "expires_at"]
    return sorted(({name: row[name] for name in kept} for row in rows), key=lambda row: row["certificate_id"])


def _agreement(lake: Lake) -> list[Row]:
    """Over all raters: pairs name people."""
    rows = lake.rows("review.agreement", [*AGREEMENT, "confidence", "status"], [("scope", "=", "all")])
    return sorted(rows, key=lambda row: (row["rubric"], row["rubric_version"], row["dimension"]))
