"""From the tables to the evidence of a judgment: which runs speak for a release, and what is known beside them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from goldworks.calibration.certifying import not_approved
from goldworks.errors import InputError
from goldworks.evaluation.aggregates.protocol import Aggregated
from goldworks.evaluation.aggregating import aggregates_of
from goldworks.evaluation.plan import releases_of, wanted_runs
from goldworks.evaluation.quarantine import Quarantine, gated, load_quarantine
from goldworks.evaluation.releases import Release, load_releases
from goldworks.evaluation.result import clusters_of
from goldworks.evaluation.suites import judged
from goldworks.golden.read import latest_version, read_version, smoke_margin
from goldworks.golden.strata import UNNAMED
from goldworks.lake import Lake
from goldworks.release.calibrations import certificates
from goldworks.release.forbidden import forbidden
from goldworks.release.gate_policy import GatePolicy, choose_policy, load_gate_policies, not_judging
from goldworks.release.label_looks import label_looks
from goldworks.release.looks import history
from goldworks.release.recorded_hits import recorded_hits
from goldworks.release.repeated import Repeated, over_repeats
from goldworks.release.rows import CaseFacts, Evidence, LabelPrice, SuiteRun
from goldworks.release.speaking import speaking
from goldworks.release.wholes import aggregate_differences
from goldworks.review.policy import load_review_policy
from goldworks.use_cases import load_use_cases

PROXIES = frozenset({"lexical_support", "supported_sentences", "embedding", "entailment"})
"""Scorers that stand for what people would say. Programs, but no more certain than a judge: they gate with a certificate."""

ANSWER = [
    "case_id",
    "repeat",
    "cluster_id",
    "status",
    "latency_ms",
    "first_token_ms",
    "input_tokens",
    "output_tokens",
    "cost_usd",
]
SCORE = ["case_id", "repeat", "metric", "value", "reason", "scorer_digest"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which judgment is wanted. `declared` is the release's file, if it has one; `suites`: those it has to stand."""

    use_case: str
    release: str
    baseline: str | None
    declared: Release | None
    suites: tuple[str, ...]


def resolve(lake: Lake, expectations: Path, release: str, baseline: str | None = None, use_case: str | None = None) -> Asked:
    """Find the use case, the baseline (the one its file names, else the release before) and the suites of a release.

    Raises `InputError` when nothing is known of the release or the baseline, or several use cases have one of that name.
    """
    declared = [one for one in load_releases(expectations) if use_case in (None, one.use_case)]
    runs = lake.rows("evals.runs", ["use_case", "release", "suite"])
    named = {one.use_case for one in declared if one.release == release}
    named |= {row["use_case"] for row in runs if row["release"] == release and use_case in (None, row["use_case"])}
    if not named:
        raise InputError(
            f"no release {release}{f' of {use_case}' if use_case else ''}",
            remedy="name one that has a file in expectations/releases/ or runs: goldworks eval list",
        )
    if len(named) > 1:
        raise InputError(
            f"release {release} is of several use cases: {', '.join(sorted(named))}", remedy="say which: --use-case NAME"
        )
    (found,) = named
    file = next((one for one in declared if (one.use_case, one.release) == (found, release)), None)
    if baseline is None:
        baseline = file.baseline if file is not None and file.baseline else _before(lake, declared, found, release)
    known = {one.release for one in declared if one.use_case == found} | {
        row["release"] for row in runs if row["use_case"] == found
    }
    if baseline is not None and baseline not in known:
        raise InputError(f"no release {baseline} of {found} to be the baseline", remedy="goldworks eval list")
    wanted = {one.suite for one in wanted_runs(lake, expectations, is_benchmark=True, only=[f"{found}/{release}"])}
    wanted |= {row["suite"] for row in runs if (row["use_case"], row["release"]) == (found, release)}
    wanted |= set(file.suites) if file is not None else set()
    return Asked(found, release, baseline, file, tuple(sorted(wanted)))


def _before(lake: Lake, declared: Sequence[Release], use_case: str, release: str) -> str | None:
    """The release before: by the files, else by the logs, else by the runs."""
    runs = lake.rows("evals.runs", ["release", "started_at"], [("use_case", "=", use_case)])
    by_run = dict.fromkeys(row["release"] for row in sorted(runs, key=lambda row: row["started_at"]) if row["release"])
    orders = ([one.release for one in declared if one.use_case == use_case], releases_of(lake, use_case), list(by_run))
    order = next((one for one in orders if release in one), [release])
    index = order.index(release)
    return order[index - 1] if index else None


def gather(lake: Lake, expectations: Path, asked: Asked, now: dt.datetime) -> tuple[GatePolicy, Evidence]:
    """The policy that judges, and the evidence. Raises `PolicyError`, also when no policy takes the release."""
    tier = load_use_cases(expectations / "use_cases.yml").get(asked.use_case).tier
    policies = load_gate_policies(expectations)
    policy = choose_policy(policies, asked.use_case, tier, asked.suites)
    version_id = latest_version(lake, asked.use_case)
    quarantine = load_quarantine(expectations)
    held, problems = _quarantined(lake, quarantine, policy, version_id, now.date())
    past = history(lake, asked.use_case, asked.release, version_id, policy)
    spoken = speaking(lake, asked.use_case, asked.release, asked.baseline, policy.suites, version_id, past, policy.looks)
    candidate = {
        suite: _suite_run(lake, one.release, policy, quarantine, held, is_candidate=True)
        for suite, one in spoken.items()
        if one.release
    }
    base = {
        suite: _suite_run(lake, one.baseline, policy, quarantine, held, is_candidate=False)
        for suite, one in spoken.items()
        if one.baseline
    }
    stand = certificates(lake, expectations, asked.use_case, candidate, now, in_service=base)
    of_labels = label_looks(policy, tier, past, spoken, candidate, stand.calibrations)
    return policy, Evidence(
        use_case=asked.use_case,
        tier=tier,
        release=asked.release,
        baseline=asked.baseline,
        version_id=version_id,
        candidate=candidate,
        base=base,
        intents=_intents(lake, asked.use_case, version_id),
        certificates=stand.states,
        drifted=stand.drifted,
        comparisons=stand.comparisons,
        not_approved=not_approved(lake, expectations, asked.use_case) if stand.states else {},
        labels_missing=stand.missing,
        labelling=label_price(expectations),
        smoke_margin=smoke_margin(lake, version_id) if version_id is not None else None,
        calibrations=stand.calibrations,
        quarantined=held,
        problems=(*not_judging(policies, policy, asked.use_case, tier, asked.suites), *problems),
        looks={suite: one.looks for suite, one in spoken.items()},
        forbidden=forbidden(lake, policy, candidate, spoken),
        recorded_hits=recorded_hits(lake, policy, tier, asked.use_case, asked.release, version_id, candidate),
        passed_over={suite: one.made for suite, one in spoken.items() if one.made},
        gate_looks=of_labels.made,
        standing=of_labels.standing,
        differences=aggregate_differences(policy, base=base, candidate=candidate),
    )


def _suite_run(
    lake: Lake,
    row: Mapping[str, Any],
    policy: GatePolicy,
    quarantine: Quarantine,
    held: Mapping[str, frozenset[str]],
    *,
    is_candidate: bool,
) -> SuiteRun:
    """`is_candidate`: flakiness is asked of it."""
    where = [("run_id", "=", row["run_id"])]
    config: dict[str, Any] = orjson.loads(row["config"])
    gates = [gate for gate in policy.gates if gate.suite == row["suite"]]
    metrics = sorted({gate.metric for gate in gates if gate.metric is not None})
    scores = lake.rows("evals.scores", SCORE, [*where, ("metric", "in", metrics)])
    answers = lake.rows("evals.answers", ANSWER, where)
    aggregated: dict[str, Aggregated] = {}
    if any(_is_aggregate(config, name) for name in metrics):
        out = {name: held.get(f"{row['suite']}/{name}", frozenset[str]()) for name in metrics}
        aggregated = aggregates_of(lake, row, policy.confidence, out, with_tallies=True)
    flaky = [gate for gate in gates if gate.kind == "flakiness" and is_candidate]
    repeated = Repeated()
    if flaky:
        repeated = over_repeats(lake, row, flaky, quarantine.flakiness, clusters_of(answers), policy.confidence)
    return SuiteRun(
        run_id=row["run_id"],
        suite=row["suite"],
        release=row["release"],
        version_id=row["version_id"],
        status=row["status"],
        stopped=row["stopped"],
        repeats=row["repeats"],
        answers=answers,
        scores=scores,
        cases=_cases(lake, row["version_id"]),
        is_fixed=row["target_kind"] == "recorded",
        opinions=opinions(config["suite"]),
        scorer_digests=config.get("scorer_digests", {}),
        aggregates={name: found.estimate for name, found in aggregated.items()},
        tallies={name: found.tally for name, found in aggregated.items() if found.tally is not None},
        flake_rates=repeated.rates,
        repeats_missing=repeated.missing,
        seconds=(row["ended_at"] - row["started_at"]).total_seconds(),
    )


def label_price(expectations: Path) -> LabelPrice:
    """What a label takes of a reviewer, by the review policy."""
    found = load_review_policy(expectations).labelling
    return LabelPrice(found.minutes, found.usd_per_hour)


def opinions(suite: Mapping[str, Any]) -> frozenset[str]:
    """Metrics and aggregates of a suite (as a run's configuration has it) that gate with a certificate only."""
    proxies = {
        one["metric"] for one in suite["metrics"] if one["scorer"] in PROXIES or one.get("settings", {}).get("entail") is not None
    }
    proxies |= {one["metric"] for one in suite.get("aggregates", ()) if one["of"] in proxies}
    return judged(suite) | proxies


def _is_aggregate(config: Mapping[str, Any], name: str) -> bool:
    return any(one["metric"] == name for one in config["suite"].get("aggregates", ()))


def _cases(lake: Lake, version_id: str) -> dict[str, CaseFacts]:
    columns = ["case_id", "case_digest", "intent", "tier", "tags"]
    rows = lake.rows("golden.cases", columns, [("version_id", "=", version_id)])
    return {row["case_id"]: CaseFacts(row["case_digest"], row["intent"], row["tier"], tuple(row["tags"])) for row in rows}


def _quarantined(
    lake: Lake, quarantine: Quarantine, policy: GatePolicy, version_id: str | None, today: dt.date
) -> tuple[dict[str, frozenset[str]], tuple[str, ...]]:
    """Cases that are not counted, by `suite/metric`, and what is wrong with the quarantine."""
    if not quarantine.cases or version_id is None:
        return {}, ()
    cases = read_version(lake, version_id)
    held: dict[str, frozenset[str]] = {}
    problems: list[str] = []
    for gate in policy.gates:
        if gate.metric is not None and gate.kind != "ban" and gate.of not in held:
            found = gated(cases, gate.metric, quarantine, today)
            held[gate.of] = frozenset(found.quarantined)
            problems.extend(f"{gate.of}: {problem}" for problem in found.problems)
            if found.quarantined:
                problems.append(f"{gate.of}: {len(found.quarantined)} cases in quarantine are not counted")
    return held, tuple(problems)


def _intents(lake: Lake, use_case: str, version_id: str | None) -> dict[str, int]:
    """How often each intent was drawn from production; of use cases without logs, how often it stands in the golden version.

    What was drawn without a recognisable intent is none.
    """
    rows = lake.rows("golden.candidates", ["intent", "origin"], [("use_case", "=", use_case)])
    drawn = Counter(row["intent"] for row in rows if row["origin"] == "production" and row["intent"] not in (None, *UNNAMED))
    if drawn or version_id is None:
        return dict(drawn)
    return dict(Counter(facts.intent for facts in _cases(lake, version_id).values() if facts.intent))
