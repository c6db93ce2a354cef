"""What a pack says to people, as sections of paragraphs and tables, from its files. Page and PDF show the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from goldworks.evidence.calibration_section import calibration
from goldworks.evidence.data_section import data
from goldworks.evidence.sections import Document, Section, Table, estimate_words
from goldworks.release.outputs import SIGNS

Row = dict[str, Any]


def write_document(files: Mapping[str, bytes]) -> Document:
    """The document of a pack, from `facts.json`, `verdict.json`, `results.json` and the rest."""
    read = {name: orjson.loads(data) for name, data in files.items() if name.endswith(".json")}
    facts, verdict, results = read["facts.json"], read["verdict.json"], read["results.json"]
    sections = (
        _scope(facts, verdict, read["policy.json"]),
        _verdict(verdict, read["policy.json"]),
        _components(facts, read["runs.json"]),
        data(facts),
        _coverage(results["coverage"]),
        _results(results["metrics"]),
        calibration(read["certificates.json"], read["agreement.json"], read["judged.json"].get("drifted", {})),
        _red_team(results["red_team"]),
        _failures(results["known_failures"]),
        _acceptances(read["waivers.json"], verdict),
        _risks(facts),
        _methods(verdict),
        _again(verdict),
    )
    edition = "Customer edition" if facts["edition"] == "customer" else "Full edition"
    subtitle = f"{edition}. Judgment {facts['judgment_id']} of {facts['judged_at'][:10]}. {DISCLAIMER}"
    return Document(
        f"Evidence: {verdict['use_case']} {verdict['release']}", subtitle, verdict["status"], verdict["headline"], sections
    )


DISCLAIMER = (
    "Headings of the EU AI Act (Annex IV), NIST AI RMF 1.0 and ISO/IEC 42001:2023 beside the sections are a mapping that helps "
    "to find things. They are not legal advice and no statement of conformity."
)


def _scope(facts: Row, verdict: Row, policy: Row) -> Section:
    rows = [
        ("Use case", verdict["use_case"]),
        ("Release", verdict["release"]),
        ("Baseline", verdict["baseline"] or "none"),
        ("Tier", f"{verdict['tier']} (T1 is the highest risk)"),
        ("Gate policy", f"{verdict['policy']}, version {policy['version']}, SHA-256 {verdict['policy_digest'][:16]}"),
        ("Golden version", verdict["version_id"] or "none"),
    ]
    internal = facts.get("internal")
    if internal is not None:
        rows += [("Owner", internal["owner"]), ("Made by", internal["author"] or "not said")]
    maps = "Annex IV 1 (general description); NIST MAP 1; ISO/IEC 42001 4.3, 6.1"
    return Section("Scope and tier", maps, (Table(("Part", "As judged"), rows, (25, 75)),))


def _verdict(verdict: Row, policy: Row) -> Section:
    means = {gate["gate"]: gate["means"] for gate in policy["gates"]}
    rows = [(gate["gate"], SIGNS[gate["status"]], _found(gate, means.get(gate["gate"]))) for gate in verdict["gates"]]
    notes = tuple(f"Note: {note}." for note in verdict["notes"])
    maps = "Annex IV 2(g), 3 (testing, performance); NIST MEASURE 2, MANAGE 1; ISO/IEC 42001 9.1"
    return Section("Verdict by gate", maps, (Table(("Gate", "State", "What was found"), rows, (24, 10, 66)), *notes))


def _found(gate: Row, means: str | None) -> str:
    said = [f"{gate['words'][:1].upper()}{gate['words'][1:]}."]
    if gate.get("settle"):
        said.append(f"What would settle it: {gate['settle']['words']}.")
    if means:
        said.append(f"It guards: {means}.")
    return " ".join(said)


def _components(facts: Row, runs: Sequence[Row]) -> Section:
    versions = [(name, value) for name, value in facts["components"].items() if value is not None]
    targets: Row = facts.get("internal", {}).get("targets", {})
    shown = [
        (run["release"], run["suite"], run["run_id"][:16], f"{run['status']}{_target(targets.get(run['run_id']))}")
        for run in runs
    ]
    first: str | Table = (
        Table(("Component", "Version"), versions, (30, 70)) if versions else "The release has no file that names them."
    )
    maps = "Annex IV 1(a), 2(a); NIST MAP 4; ISO/IEC 42001 A.6.2"
    return Section(
        "Component versions and runs", maps, (first, Table(("Release", "Suite", "Run", "State"), shown, (20, 20, 30, 30)))
    )


def _target(name: str | None) -> str:
    return f", asked through {name}" if name else ""


def _coverage(found: Sequence[Row]) -> Section:
    rows = [(one["intent"], f"{one['seen']:,}", f"{one['answered_cases']:,}") for one in found]
    block: str | Table = (
        Table(("Intent", "Seen", "Answered cases"), rows, (60, 20, 20)) if rows else "The use case has no intents."
    )
    return Section("Coverage", "Annex IV 2(g); NIST MEASURE 2.1; ISO/IEC 42001 A.6.2.4", (block,))


def _results(found: Sequence[Row]) -> Section:
    rows = [
        (
            f"{one['suite']}/{one['metric']}{' (opinion)' if one['is_opinion'] else ''}",
            estimate_words(one["candidate"]),
            estimate_words(one["base"]),
            estimate_words(one["difference"], sign=True),
        )
        for one in found
        if _has_value(one)
    ]
    block: str | Table = (
        Table(("Metric", "Release", "Baseline", "Difference"), rows, (28, 24, 24, 24)) if rows else "Nothing was scored."
    )
    without = [f"{one['suite']}/{one['metric']}" for one in found if not _has_value(one)]
    rest = (f"No answer of either side could be scored by {', '.join(without)}.",) if without else ()
    maps = "Annex IV 2(g), 3 (accuracy, robustness); NIST MEASURE 2.3, 2.5; ISO/IEC 42001 9.1"
    sides = sorted({one["candidate"]["confidence"] for one in found if one["candidate"]})
    widths = " or ".join(f"{100 * side:g} %" for side in sides) or "90 %"
    return Section("Results and comparison", maps, (f"In percent, with two-sided {widths} intervals.", block, *rest))


def _has_value(metric: Row) -> bool:
    return any(metric[side] is not None and metric[side]["value"] is not None for side in ("candidate", "base"))


def _red_team(found: Sequence[Row]) -> Section:
    rows = [(one["kind"], one["id"], estimate_words(one["withstood"])) for one in found]
    block: str | Table = (
        Table(("Taxonomy", "Id", "Attacks withstood"), rows, (20, 35, 45))
        if rows
        else "The runs of this release hold no attacks."
    )
    maps = "Annex IV 2(h) (cybersecurity); NIST MEASURE 2.7; ISO/IEC 42001 A.6.2.4; OWASP LLM 2025, MITRE ATLAS"
    return Section("Red team", maps, (block,))


def _failures(found: Sequence[Row]) -> Section:
    rows = [(f"{one['suite']}/{one['metric']}", f"{len(one['cases']):,}", _cases(one["cases"])) for one in found]
    block: str | Table = Table(("Metric", "Cases", "Such as (rank and digest)"), rows, (30, 10, 60)) if rows else "None."
    first = "Cases of the release below 0.5 under a gated metric, by digest; all of them stand in results.json."
    return Section("Known failures", "Annex IV 3 (limitations); NIST MEASURE 3; ISO/IEC 42001 10.2", (first, block))


def _cases(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6:,} more" if len(names) > 6 else "")


def _acceptances(found: Sequence[Row], verdict: Row) -> Section:
    rows = [
        (
            one["waiver"]["waiver"],
            one["waiver"]["kind"],
            ", ".join(one["waiver"]["gates"]) or "the release",
            f"{one['waiver']['approved_by']} ({one['waiver']['role']}): {one['waiver']['reason']}",
            f"{one['waiver']['expires']}, {one['state']}",
        )
        for one in found
    ]
    table = Table(("Name", "Kind", "Of", "By", "Until, state"), rows, (15, 12, 23, 32, 18))
    block: str | Table = table if rows else "Nobody waived a gate or signed."
    unsigned = ", ".join(verdict["unsigned"]) or "none"
    maps = "Annex IV 2(e), 5; NIST GOVERN 2, MANAGE 1; ISO/IEC 42001 5.3"
    return Section("Waivers and sign-offs", maps, (block, f"Signatures that are still missing: {unsigned}."))


def _risks(facts: Row) -> Section:
    owners: Row = facts.get("internal", {}).get("risk_owners", {})
    rows = [
        (f"{one['title']}{_owner(owners.get(one['risk']))}", str(one["rank"]), one["cover"].replace("_", " "), one["words"])
        for one in facts["risks"]
    ]
    block: str | Table = Table(("Risk", "Rank", "Cover", "In words"), rows, (38, 8, 14, 40)) if rows else "None is written down."
    maps = "Annex IV 5 (risk management); NIST MAP 5, MANAGE 2; ISO/IEC 42001 6.1.2"
    return Section("Risks, and those without a suite", maps, (block,))


def _owner(name: str | None) -> str:
    return f" (owner: {name})" if name else ""


def _methods(verdict: Row) -> Section:
    used = sorted({gate["estimate"]["method"] for gate in verdict["gates"] if gate["estimate"]})
    first = (
        "Repeats of a case are averaged; cases of one conversation are one cluster. Intervals are two-sided 90 %, so each end is "
        "a one-sided 95 % bound; of a policy that plans two looks 95 %, half of the error for each. A gate passes when the bound "
        "proves it, fails when the other bound rules it out, and is open else; what is missing, doubled or doubtful leaves it "
        "open, and so does a look that was not planned. All gates must pass."
    )
    words = f"Methods of the gates' intervals: {', '.join(used) or 'none'}."
    return Section("Methods", "Annex IV 2(g), 4; NIST MEASURE 1.1; ISO/IEC 42001 9.1", (first, words))


def _again(verdict: Row) -> Section:
    against = f" --baseline {verdict['baseline']}" if verdict["baseline"] else ""
    release = f"--use-case {verdict['use_case']} --release {verdict['release']}{against}"
    blocks = (
        "Check this pack: goldworks verify FOLDER --key signing.pub. It hashes every file, checks the signature, and computes "
        "the verdict and every figure again from the rows. Take the key from its owner, not the pack. It says what it could not "
        "compute again, and what is signed alone: that there was nothing else in the tables, and what people decided.",
        f"Judge again in the installation: goldworks gate {release}. Write this pack again: goldworks evidence {release}.",
    )
    return Section("How to reproduce", "Annex IV 2(g), 6; NIST GOVERN 1.4; ISO/IEC 42001 7.5", blocks)
