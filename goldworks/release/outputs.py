"""A verdict for other eyes: a headline, a Markdown comment for a pull request, JUnit XML, plain data."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import asdict
from typing import Any

from goldworks.release.check_words import check_headline
from goldworks.release.gate_policy import GatePolicy
from goldworks.release.pull_request import LEFT_TO_THE_NIGHT
from goldworks.release.verdict import GateVerdict, Status, Verdict
from goldworks.release.waivers import Acceptance

SIGNS: dict[Status, str] = {
    "pass": "pass",
    "conditional": "accepted",
    "inconclusive": "open",
    "fail": "FAIL",
    "not_applicable": "n/a",
}


def sign(gate: GateVerdict) -> str:
    """What became of a gate, in a word."""
    return "at night" if gate.reason == LEFT_TO_THE_NIGHT else SIGNS[gate.status]


def headline(verdict: Verdict) -> str:
    """The verdict in a sentence or three, for who decides and has read nothing else."""
    if verdict.is_check:
        return check_headline(verdict)
    name = f"{verdict.use_case} {verdict.release}"
    against = f" against {verdict.baseline}" if verdict.baseline else ""
    counted = [gate for gate in verdict.gates if gate.status != "not_applicable"]
    failed, open_ = _named(verdict, "fail"), _named(verdict, "inconclusive")
    accepted = [gate for gate in counted if gate.status == "conditional"]
    match verdict.status:
        case "pass":
            said = f"PASS. {name}{against} holds all {len(counted)} gates of tier {verdict.tier}"
        case "conditional":
            by = ", ".join(dict.fromkeys(name for gate in accepted for name in gate.accepted_by))
            said = f"CONDITIONAL. {name}{against} holds its gates but for {len(accepted)} that people accepted ({by})"
        case "fail":
            said = f"FAIL. {name}{against} does not hold {len(failed)} of {len(counted)} gates: {', '.join(failed)}"
            said += f"; {len(open_)} more cannot be decided" if open_ else ""
        case _:
            said = f"INCONCLUSIVE. {name}{against} fails no gate, but {len(open_)} of {len(counted)} cannot be decided: "
            said += ", ".join(open_)
    return f"{said}. {_what_now(verdict)}"


def _named(verdict: Verdict, status: Status) -> list[str]:
    return [gate.gate for gate in verdict.gates if gate.status == status]


def _what_now(verdict: Verdict) -> str:
    signed = f", once it is signed by: {', '.join(verdict.unsigned)}" if verdict.unsigned else ""
    if verdict.status == "fail":
        return "Do not release it."
    if verdict.status == "inconclusive":
        if not verdict.is_blocked:
            return f"Tier {verdict.tier} lets it out with this warning{signed}; it stays inconclusive, exit code 3."
        return f"Tier {verdict.tier} holds it back until that is settled."
    return f"It may be released{signed}."


def plain(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain data."""
    found = asdict(verdict)
    found["acceptances"] = [
        {"waiver": one.waiver.waiver, "kind": one.waiver.kind, "state": one.state, "detail": one.detail}
        for one in verdict.acceptances
    ]
    return {"headline": headline(verdict), "about": "pull request" if verdict.is_check else "release", **found}


def markdown(verdict: Verdict, policy: GatePolicy) -> str:
    """A comment for a pull request. `policy`: the one that judged; it says what gates mean and how wide intervals are."""
    means = {gate.gate: gate.means for gate in policy.gates}
    state, _, said = headline(verdict).partition(". ")
    heading = f"{state.capitalize()}: {verdict.use_case} {verdict.release}"
    lines = [f"### {_escaped(heading)}", "", _escaped(said), "", "| gate | | what was found |", "|---|---|---|"]
    for gate in _worst_first(verdict):
        meant = f"<br>{_escaped(means[gate.gate])}" if gate.gate in means else ""
        lines.append(f"| {_escaped(gate.gate)}{meant} | {sign(gate)} | {_escaped(_found(gate))} |")
    lines.append("")
    lines.extend(f"- Note: {_escaped(note)}." for note in verdict.notes)
    lines.extend(f"- {_escaped(accepted_words(one))}" for one in verdict.acceptances)
    runs = ", ".join(run[:8] for run in verdict.run_ids) or "none"
    sides = f"{policy.confidence:.0%}".replace("%", " %")
    lines.append(
        f"\n<sub>Gates {_escaped(verdict.policy)} ({verdict.policy_digest[:12]}), tier {verdict.tier}; golden version "
        f"{_escaped(verdict.version_id or 'none')}; runs {runs}. Intervals are two-sided {sides}.</sub>"
    )
    return "\n".join(lines) + "\n"


def accepted_words(one: Acceptance) -> str:
    """A waiver or sign-off in a sentence."""
    waiver = one.waiver
    kind = "Waiver" if waiver.kind == "waiver" else "Sign-off"
    of = f" for {', '.join(waiver.gates)}" if waiver.gates else " for the release"
    if one.state != "valid":
        return f"{kind} {waiver.waiver}{of} does not count: {one.detail}."
    doing = f" Meanwhile: {waiver.mitigation}" if waiver.mitigation else ""
    issue = f" ({waiver.issue})" if waiver.issue else ""
    by = f"{waiver.approved_by} ({waiver.role})"
    less = f" It does not cover all of them: {one.detail}." if one.detail else ""
    return f"{kind} {waiver.waiver}{of} until {waiver.expires}, by {by}: {waiver.reason}{issue}.{doing}{less}"


def junit(verdict: Verdict) -> str:
    """JUnit XML: a failed gate is a failure, an open one an error, one that people accepted passes and says so."""
    gates = verdict.gates
    counts = {name: sum(gate.status == name for gate in gates) for name in ("fail", "inconclusive", "not_applicable")}
    suite = ET.Element(
        "testsuite",
        name=f"{'pull request check' if verdict.is_check else 'release gates'}: {verdict.use_case} {verdict.release}",
        tests=str(len(gates)),
        failures=str(counts["fail"]),
        errors=str(counts["inconclusive"]),
        skipped=str(counts["not_applicable"]),
    )
    for gate in gates:
        case = ET.SubElement(suite, "testcase", classname=f"{verdict.use_case}.{gate.family}", name=gate.gate)
        if gate.status == "fail":
            ET.SubElement(case, "failure", type="fail", message=_xml(gate.words)).text = _xml(_found(gate))
        elif gate.status == "inconclusive":
            ET.SubElement(case, "error", type=gate.reason or "inconclusive", message=_xml(gate.words)).text = _xml(_found(gate))
        elif gate.status == "not_applicable":
            ET.SubElement(case, "skipped", message=_xml(gate.words))
        else:
            ET.SubElement(case, "system-out").text = _xml(_found(gate))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _found(gate: GateVerdict) -> str:
    words = gate.words[:1].upper() + gate.words[1:]
    accepted = f" Accepted by {', '.join(gate.accepted_by)}." if gate.accepted_by else ""
    settle = f" To settle it: {gate.settle.words}." if gate.settle is not None else ""
    return f"{words}.{accepted}{settle}"


def _worst_first(verdict: Verdict) -> list[GateVerdict]:
    order = ["fail", "inconclusive", "conditional", "pass", "not_applicable"]
    return sorted(verdict.gates, key=lambda gate: order.index(gate.status))


def _escaped(text: str) -> str:
    """Text that neither ends a table cell nor becomes HTML, a link or a mention."""
    for mark, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\\", "\\\\"), ("|", "\\|"), ("[", "\\["), ("`", "\\`")):
        text = text.replace(mark, safe)
    return text.replace("@", "@\u200b").replace("\n", " ")


def _xml(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(ch for ch in text if ch in "\t\n" or ch >= " ")
