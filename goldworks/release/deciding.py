"""One judgment from end to end: gather, judge, put on what people accepted, record. Command, asset and demo call it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from goldworks.access.signed_entries import trusted_keys
from goldworks.access.signing import Signer
from goldworks.approvals.lacking import Lack
from goldworks.approvals.policy import load_release_policy
from goldworks.lake import Lake
from goldworks.release.accepting import accept, with_preconditions
from goldworks.release.approving import lacks
from goldworks.release.gathering import Asked, gather, resolve
from goldworks.release.judge import judge
from goldworks.release.recording import judgment_id, record
from goldworks.release.risks import covered, load_risks, open_risks
from goldworks.release.verdict import Verdict
from goldworks.release.waivers import examine, load_waivers
from goldworks.use_cases import load_use_cases


@dataclass(frozen=True, slots=True)
class Decision:
    """A judgment; recorded, unless it is the check of a pull request. `lacking`: what of the policies is not approved."""

    judgment_id: str
    asked: Asked
    verdict: Verdict
    lacking: tuple[Lack, ...] = ()


def decide(
    lake: Lake,
    expectations: Path,
    signer: Signer,
    release: str,
    *,
    baseline: str | None = None,
    use_case: str | None = None,
    now: dt.datetime | None = None,
) -> Decision:
    """Judge a release. Raises `InputError` for what was not found and `PolicyError` for a policy that cannot be used.

    On the part of a golden version that is for pull requests it is a check: it lets nothing out, asks for no signature, and is
    not written to the tables, so that nothing can rest on it.
    """
    now = now or dt.datetime.now(dt.UTC)
    asked = resolve(lake, expectations, release, baseline, use_case)
    policy, evidence = gather(lake, expectations, asked, now)
    rules = load_release_policy(expectations)
    terms = load_use_cases(expectations / "use_cases.yml").get(asked.use_case)
    lacking = lacks(lake, expectations, rules, policy, terms, evidence)
    verdict = with_preconditions(judge(policy, evidence), lacking)
    found = covered(load_risks(expectations), asked.use_case, _ran(lake, asked), policy)
    verdict = replace(verdict, notes=(*verdict.notes, *open_risks(found)))
    author = asked.declared.author if asked.declared is not None else None
    mine = [one for one in load_waivers(expectations) if (one.use_case, one.release) == (asked.use_case, asked.release)]
    keys = trusted_keys(signer, expectations) if mine else []
    tier = rules.tiers[evidence.tier]
    verdict = accept(verdict, rules, [examine(one, rules, tier, author, keys, now.date()) for one in mine])
    if verdict.is_check:
        verdict = replace(verdict, is_blocked=True, unsigned=())
        return Decision(judgment_id(verdict), asked, verdict, lacking)
    return Decision(record(lake, asked, verdict, now), asked, verdict, lacking)


def _ran(lake: Lake, asked: Asked) -> set[str]:
    """Suites that ran for the release, gated or not."""
    where = [("use_case", "=", asked.use_case), ("release", "=", asked.release)]
    return {row["suite"] for row in lake.rows("evals.runs", ["suite"], where)}
