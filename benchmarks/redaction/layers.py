"""What each layer adds: the layers one after the other, and all of them without one, each in a fresh process.

Layers are switched off in a copy of the policy. Two are no choice that a policy offers, the view of the text (`normalise`)
and `propagation`: for them the function is replaced in the process that measures, here and nowhere else.

`python -m benchmarks.redaction.layers LAYERS DATA` measures the layers named, separated by commas, and prints JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.redaction import ours
from benchmarks.redaction.conversations import read
from benchmarks.redaction.logs import Planted, squeezed, strings, survivors
from benchmarks.redaction.metrics import ALL, Counts, count
from benchmarks.redaction.report import Report, progress, two
from benchmarks.redaction.sets import STRUCTURED, group, load, rows
from goldworks.redaction import RedactedDocument, conversation, cues, scanning

LAYERS = {
    "patterns": "patterns",
    "normalise": "normalised view",
    "secrets": "secrets",
    "cues": "cues to names",
    "keys": "JSON keys",
    "names": "names model",
    "propagation": "propagation",
}
EVERY = 4
"""Every fourth text of the annotated sets: the differences are larger than what that blurs."""
CUES = frozenset(rule.name for rule in cues.RULES)


def run(report: Report, data: Path) -> None:
    """Both tables."""
    report.title("What each layer adds")
    report.say(f"F2 over characters on every {EVERY}th text; persons: recall of spans; survive: planted values of the sample.")
    report.say("A layer that changes nothing here found nothing in these texts that another layer does not find.")
    names = list(LAYERS)
    added = [names[: at + 1] for at in range(len(names))]
    without = [names, *([name for name in names if name != left_out] for left_out in names)]
    _table(report, data, "Added one after the other", added, ["patterns", *(f"+ {LAYERS[name]}" for name in names[1:])])
    _table(report, data, "All layers but one", without, ["all layers", *(f"- {LAYERS[name]}" for name in names)])


def _table(report: Report, data: Path, title: str, variants: list[list[str]], labels: list[str]) -> None:
    lines: list[list[str]] = []
    for layers, label in zip(variants, labels, strict=True):
        progress(f"layers: {label}")
        one = _fresh(layers, data)
        report.figures.setdefault("layers", {}).setdefault(title, {})[label] = one
        shares = [two(one[name]) for name in ("tech_en", "formats", "synth", "structured", "persons", "secrets")]
        lines.append([label, *shares, *(f"{one[name]}" for name in ("values", "soft"))])
    of = f"{one['n_values']}", f"{one['n_soft']}"
    head = ["layers", "tech_en", "formats", "synth", "struct.", "persons", "secrets"]
    report.table(title, [*head, f"survive/{of[0]}", f"names/{of[1]}"], lines)


def _fresh(layers: list[str], data: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.redaction.layers", ",".join(layers), str(data)]
    done = subprocess.run(command, cwd=ours.EXPECTATIONS.parent, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def policy_with(layers: set[str]) -> dict[str, Any]:
    """The policy with these layers on and the others off."""
    policy = yaml.safe_load(ours.POLICY.read_text(encoding="utf-8"))
    for rule in scanning.BUILT_IN:
        layer = "cues" if rule.name in CUES else "secrets" if rule.layer == "secret" else "patterns"
        if layer not in layers:
            policy["rules"].pop(rule.name, None)
    if "keys" not in layers:
        policy["keys"] |= {"types": {}, "name_keys": []}
    return policy


def switch_off(layers: set[str]) -> None:
    """Replace, in this process, what no policy switches off."""
    if "normalise" not in layers:
        scanning.normalise = scanning.View  # type: ignore[assignment]
        scanning.joined = lambda view: None  # type: ignore[assignment]
        scanning.decoded = lambda text: iter(())  # type: ignore[assignment]
    if "propagation" not in layers:
        conversation.Conversation._propagated = lambda *_: []  # type: ignore[method-assign]


def measure(layers: set[str], data: Path) -> dict[str, Any]:
    """The figures of one line."""
    switch_off(layers)
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "redaction.yml"
        policy.write_text(yaml.safe_dump(policy_with(layers), allow_unicode=True), encoding="utf-8")
        engine = ours.redactor("policy" if "names" in layers else "off", policy)
    found: dict[str, Any] = {}
    structured = Counts()
    for name in ("tech_en", "formats", "synth", "wnut17_dev", "secrets_positive"):
        annotated = load(data, name)
        texts, gold = annotated.texts[::EVERY], annotated.gold[::EVERY]
        spans = [ours.spans(text, one) for text, one in zip(texts, ours.redact(engine, ours.alone(texts)), strict=True)]
        table = count(texts, gold, spans, group)
        found[name] = table[ALL].f2
        for type_ in STRUCTURED:
            structured.caught_spans += table.get(type_, Counts()).caught_spans
            structured.gold_spans += table.get(type_, Counts()).gold_spans
        if name == "wnut17_dev":
            found["persons"] = table["PERSON"].span_recall
        elif name == "secrets_positive":
            found["secrets"] = table[ALL].span_recall
    raws = read(data / "sample" / "logs")
    done = ours.redact(engine, [raw.document for raw in raws])
    planted = survivors(texts_of(done), rows(data / "sample" / "truth" / "pii_spans.jsonl.gz"))
    found |= {"structured": structured.span_recall}
    return found | _survivors(planted)


def texts_of(done: list[RedactedDocument]) -> dict[str, str]:
    """All that is left of each conversation, squeezed."""
    return {one.conversation_id: squeezed("\n".join(strings([field.value for field in one.fields]))) for one in done}


def _survivors(planted: list[Planted]) -> dict[str, int]:
    values = [one.stands for one in planted if one.group in ("plain", "disguised")]
    soft = [one.stands for one in planted if one.group == "names_addresses"]
    return {"values": sum(values), "n_values": len(values), "soft": sum(soft), "n_soft": len(soft)}


if __name__ == "__main__":
    print(json.dumps(measure(set(sys.argv[1].split(",")), Path(sys.argv[2]))))
