"""What follows from the rows of a pack: the verdict of each gate and every figure. Writing and checking both call this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from goldworks.approvals.policy import ReleasePolicy
from goldworks.evaluation.attacks.techniques import TECHNIQUES
from goldworks.evaluation.metrics import estimate
from goldworks.evidence.again import Again, compute_again, figures
from goldworks.evidence.grounds import from_pack
from goldworks.evidence.rows import Files, as_json, from_files
from goldworks.release.accepting import accept, with_preconditions
from goldworks.release.gate_policy import GatePolicy
from goldworks.release.integrity import common_cases
from goldworks.release.judge import judge
from goldworks.release.measuring import CONFIDENCE, PASS_AT, values_of, worst_of_repeats
from goldworks.release.outputs import plain
from goldworks.release.rows import Evidence, SuiteRun
from goldworks.release.verdict import Verdict
from goldworks.release.waivers import Acceptance, Waiver
from goldworks.statistics import paired_difference, rate, seed_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Derived:
    """`files`: `verdict.json` and `results.json`. `stated` and `computed`: by file the figures that the judge takes as they are,
    as the pack has them and as its rows give them; `signed`: aggregates (`suite/metric`) of which it holds no rows.
    `is_of_before`: nor of any of these figures.
    """

    verdict: Verdict
    files: Files
    stated: Mapping[str, Row]
    computed: Mapping[str, Row]
    signed: tuple[str, ...]
    is_of_before: bool


def derive(files: Mapping[str, bytes]) -> Derived:
    """What follows from the other files of a pack. Raises KeyError, TypeError, ValueError, AttributeError or AssertionError."""
    stated = from_files(files)
    policy = GatePolicy.model_validate_json(files["policy.json"])
    grounds = from_pack(files, stated)
    found = compute_again(stated, policy, grounds) if grounds is not None else Again(stated)
    evidence = found.evidence
    rules = ReleasePolicy.model_validate_json(files["rules.json"])
    facts: Row = orjson.loads(files["facts.json"])
    verdict = with_preconditions(judge(policy, evidence), facts["preconditions"])
    acceptances = [
        Acceptance(Waiver.model_validate_json(orjson.dumps(one["waiver"])), one["state"], one["detail"])
        for one in orjson.loads(files["waivers.json"])
    ]
    verdict = accept(verdict, rules, acceptances)
    results = {
        "metrics": _metrics(evidence),
        "red_team": _red_team(evidence),
        "known_failures": _failures(policy, evidence),
        "coverage": _coverage(evidence),
    }
    made = {"verdict.json": as_json(plain(verdict)), "results.json": as_json(results)}
    both = figures(stated), figures(evidence, found.spoken)
    return Derived(verdict, made, *both, found.signed, grounds is None)


def _metrics(evidence: Evidence) -> list[Row]:
    """Each metric that was scored for the release, gated or not: both sides and the paired difference, 90 % intervals."""
    found: list[Row] = []
    for suite, run in sorted(evidence.candidate.items()):
        base = evidence.base.get(suite)
        for metric in sorted({row["metric"] for row in run.scores}):
            difference = None
            if base is not None:
                here, there = values_of(base, metric), values_of(run, metric)
                both = [case for case in common_cases(base, run) if case in here and case in there]
                difference = paired_difference(
                    [here[case] for case in both],
                    [there[case] for case in both],
                    [run.clusters[case] for case in both],
                    confidence=CONFIDENCE,
                    seed=seed_of(base.run_id, run.run_id, f"{suite}/{metric}"),
                )
            found.append(
                {
                    "suite": suite,
                    "metric": metric,
                    "is_opinion": metric in run.opinions,
                    "candidate": asdict(_estimate(run, metric)),
                    "base": asdict(_estimate(base, metric)) if base is not None else None,
                    "difference": asdict(difference) if difference is not None else None,
                }
            )
    return found


def _estimate(run: SuiteRun, metric: str) -> Any:
    values = values_of(run, metric)
    clusters = [run.clusters.get(case, case) for case in values]
    return estimate(list(values.values()), clusters, (run.run_id, metric, "gate"), CONFIDENCE)


def _red_team(evidence: Evidence) -> list[Row]:
    """Attacks that the release withstood, by OWASP and ATLAS id: an attack holds when every metric of it does in each repeat."""
    groups: dict[tuple[str, str], list[tuple[bool | None, str]]] = {}
    for run in evidence.candidate.values():
        of_metric = [worst_of_repeats(run, metric, ()) for metric in sorted({row["metric"] for row in run.scores})]
        for case, facts in sorted(run.cases.items()):
            names = [tag.removeprefix("attack:") for tag in facts.tags if tag.startswith("attack:")]
            values = [worst[case] for worst in of_metric if case in worst]
            if not names or not values:
                continue
            seen = [value for value in values if value is not None]
            held = None if len(seen) < len(values) else min(seen) >= PASS_AT
            ids = {("technique", name) for name in names}
            for technique in (TECHNIQUES[name] for name in names if name in TECHNIQUES):
                ids |= {("OWASP", one) for one in technique.owasp} | {("ATLAS", one) for one in technique.atlas}
            for key in ids:
                groups.setdefault(key, []).append((held, run.clusters.get(case, case)))
    return [
        {"kind": kind, "id": name, "withstood": asdict(rate([h for h, _ in seen], [c for _, c in seen], confidence=CONFIDENCE))}
        for (kind, name), seen in sorted(groups.items())
    ]


def _failures(policy: GatePolicy, evidence: Evidence) -> list[Row]:
    """Cases of the release that score below 0.5 under a gated metric, worst repeat."""
    found: dict[tuple[str, str], list[str]] = {}
    for gate in policy.at_tier(evidence.tier):
        run = evidence.candidate.get(gate.suite)
        if gate.metric is not None and run is not None:
            worst = worst_of_repeats(run, gate.metric, ())
            failed = [case for case, value in worst.items() if value is not None and value < PASS_AT]
            if failed:
                found[gate.suite, gate.metric] = failed
    return [{"suite": suite, "metric": metric, "cases": cases} for (suite, metric), cases in sorted(found.items())]


def _coverage(evidence: Evidence) -> list[Row]:
    """Answered cases of each intent, the commonest first."""
    answered: dict[str, set[str]] = {}
    for run in evidence.candidate.values():
        for row in run.answers:
            facts = run.cases.get(row["case_id"])
            if facts is not None and facts.intent is not None and row["status"] == "ok":
                answered.setdefault(facts.intent, set()).add(row["case_id"])
    order = sorted(evidence.intents, key=lambda name: (-evidence.intents[name], name))
    return [{"intent": name, "seen": evidence.intents[name], "answered_cases": len(answered.get(name, ()))} for name in order]
