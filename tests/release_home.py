"""A home with the runs of two releases of one use case, written straight into the tables; policies of its own beside it."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from goldworks.approvals.policy import load_release_policy
from goldworks.approvals.standing import approve, standing
from goldworks.evaluation.config import RunConfig
from goldworks.evaluation.suites import load_suite
from goldworks.lake import Lake
from goldworks.release.approving import states
from goldworks.release.gate_policy import load_gate_policies
from goldworks.settings import PROJECT_ROOT

VERSION = "shop-0123456789ab"
ENDED = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
METRICS = ("facts_required", "token_f1", "facts_forbidden")


def write_home(root: Path, runs: Mapping[str, Sequence[float]], cases: int) -> Lake:
    """Policies in `root/expectations`, and in the tables a golden version with a run of suite chat per release, whose scores
    repeat to as many cases as there are. The gates of chat are without the one of flakiness, which a single run leaves open.
    """
    if not (root / "expectations").exists():
        shutil.copytree(PROJECT_ROOT / "expectations", root / "expectations")
        shutil.rmtree(root / "expectations" / "releases")
        gates = root / "expectations" / "gates" / "chat.yml"
        text, removed = re.subn(r"  - gate: flakiness\n(?:    .*\n)+", "", gates.read_text())
        assert removed == 1
        gates.write_text(text)
        chat = next(one for one in load_gate_policies(root / "expectations") if one.name == "chat")
        approve(root / "expectations", root / "home", "gates", "chat", chat.digest, "Noor Haddad", "quality_lead", ENDED.date())
    lake = Lake(root / "home")
    lake.create()
    ids = [f"case-{number:05}" for number in range(cases)]
    lake.replace("golden.versions", [_version(cases)])
    lake.replace("golden.cases", [_case(name) for name in ids], {"version_id": VERSION})
    for number, (release, values) in enumerate(runs.items()):
        write_run(lake, release, ids, values, number)
    return lake


def approve_as_it_stands(root: Path) -> None:
    """Everything in `root/expectations` that is not approved as it stands, by who may, signed in `root/home`."""
    expectations, home = root / "expectations", root / "home"
    for subject, name, digest in states(expectations):
        if standing(expectations, home, load_release_policy(expectations)).state(subject, name) != digest:
            who = ("Rosa Lindqvist", "release_manager") if subject in ("release", "tiers") else ("Noor Haddad", "quality_lead")
            approve(expectations, home, subject, name, digest, *who, ENDED.date())


def write_run(
    lake: Lake,
    release: str,
    ids: Sequence[str],
    values: Sequence[float],
    number: int,
    *,
    again: str = "",
    scorer: str = "d",
    occasion: str | None = None,
    beside: Mapping[str, str] | None = None,
    forbidden: int = 0,
) -> None:
    """`again`: another run of the release, by its name, on an `occasion`; `scorer`: digest of what scored it; `beside`: digests
    of metrics that no gate looks at; `forbidden`: in how many cases, the first ones, something forbidden is said.
    """
    suite = load_suite(PROJECT_ROOT / "expectations" / "suites" / "chat.yml")
    run_id = f"run-{release}{again}"
    here = {"run_id": run_id}
    digests = {**dict.fromkeys(map(str, METRICS), scorer), **(beside or {})}
    config = RunConfig(VERSION, suite.model_dump(mode="json"), digests, "live", {"kind": "http", "of": release}, 0, 1)
    row = {
        "run_id": run_id,
        "config_digest": f"c-{release}",
        "config": config.as_json,
        "occasion": occasion or f"release:{release}",
        "use_case": "shop",
        "version_id": VERSION,
        "suite": "chat",
        "target": "live",
        "target_kind": "http",
        "release": release,
        "seed": 0,
        "repeats": 1,
        "cases": len(ids),
        "answers": len(ids),
        "missing": 0,
        "status": "complete",
        "started_at": ENDED + dt.timedelta(hours=number),
        "ended_at": ENDED + dt.timedelta(hours=number, seconds=600),
    }
    lake.replace("evals.runs", [row], here)
    answers = [
        {
            "run_id": run_id,
            "case_id": name,
            "repeat": 0,
            "status": "ok",
            "latency_ms": 900.0 + n % 50,
            "cost_usd": 0.001,
            "attempts": 1,
        }
        for n, name in enumerate(ids)
    ]
    lake.replace("evals.answers", answers, here)
    scores = [
        {
            "run_id": run_id,
            "case_id": name,
            "repeat": 0,
            "metric": metric,
            "value": float(n >= forbidden) if metric == "facts_forbidden" else values[n % len(values)],
            "scorer_digest": "d",
        }
        for metric in METRICS
        for n, name in enumerate(ids)
    ]
    lake.replace("evals.scores", scores, here)


def _version(cases: int) -> dict[str, object]:
    return {
        "version_id": VERSION,
        "use_case": "shop",
        "content_digest": "0" * 64,
        "cases": cases,
        "approvers": ["Ann"],
        "owner": "quality",
        "minted_at": ENDED,
        "is_tombstone": False,
    }


def _case(name: str) -> dict[str, object]:
    return {
        "version_id": VERSION,
        "case_id": name,
        "use_case": "shop",
        "tier": "T2",
        "intent": "greet",
        "origin": "production",
        "tags": [],
        "parents": [],
        "messages": '[{"role":"user","text":"hello"}]',
        "passages": "[]",
        "tools": "[]",
        "expected": "{}",
        "case_digest": f"d-{name}",
    }
