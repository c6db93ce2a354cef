"""A home in which logs were taken, cases minted and answers recorded, without Dagster, MLflow or dbt: a second's work."""

from __future__ import annotations

from pathlib import Path

from small_logs import chat, text, three_days, write_log

from goldworks.access.audit_log import AuditLog
from goldworks.access.key_ring import load_ring
from goldworks.access.signing import Signer
from goldworks.evaluation.run import run
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import load_target
from goldworks.forgetting.answers import Evaluations
from goldworks.forgetting.carrying_out import Forgetting
from goldworks.forgetting.golden import GoldenSets
from goldworks.forgetting.logs import Logs
from goldworks.golden.candidates import propose
from goldworks.golden.mint import mint_approved
from goldworks.golden.read import latest_version
from goldworks.intake.merge import merge_conversations
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
from goldworks.lake import Lake
from goldworks.redaction import Redactor, load_redactor
from goldworks.settings import PROJECT_ROOT
from goldworks.suppression import Suppressions
from goldworks.use_cases import UseCases

KEY = b"\x05" * 32
EXPECTATIONS = PROJECT_ROOT / "expectations"
PLACE = "the blue house at the end of Fern Lane"
NICKNAME = "zorblatt"
USE_CASES = UseCases.model_validate({"version": 1, "default": {"owner": "o", "tier": "T2", "approval": "policy"}})


def redactor() -> Redactor:
    return load_redactor(EXPECTATIONS / "policies" / "redaction.yml", KEY, "off")


def forgetting(home: Path) -> Forgetting:
    lake = Lake(home)
    holders = (GoldenSets(lake, KEY, redactor()), Evaluations(lake, redactor()), Logs(lake, redactor(), KEY))
    signer, suppressions = Signer(home), Suppressions(home, load_ring(home, KEY))
    return Forgetting(lake, redactor(), holders, signer, AuditLog(home, signer).append, suppressions)


def write_logs(folder: Path) -> None:
    """The three small days, and two conversations of another user, who says what no rule recognises."""
    three_days(folder)
    line = chat(
        "conv-d", "d1", "2026-11-02", [text("user", f"I live in {PLACE}, my boat is the {NICKNAME}")], f"What a fine {NICKNAME}."
    )
    same = chat("conv-e", "e1", "2026-11-02", [text("user", f"It is {NICKNAME.upper()} again")], "Welcome back.")
    write_log(folder, "otlp/2026-11-02-more.jsonl.gz", [line.replace("user-7", "user-8"), same.replace("user-7", "user-8")])


def take_days(home: Path, logs: Path, days: list[str] | None = None) -> None:
    """The intake alone, and the conversations merged."""
    source = Source(str(logs), EXPECTATIONS, load_intake_policy(EXPECTATIONS), "off", workers=0)
    take(Lake(home), source, KEY, days)
    merge_conversations(Lake(home), USE_CASES)


def go_on(home: Path) -> str:
    """What follows the intake: candidates, a version, its recorded answers; return the version."""
    lake = Lake(home)
    propose(lake, USE_CASES, KEY)
    mint_approved(lake, USE_CASES, KEY)
    version = latest_version(lake, "shop")
    assert version is not None
    target = load_target(EXPECTATIONS / "targets" / "recorded.yml", "1.0")
    run(lake, version, load_suite(EXPECTATIONS / "suites" / "chat.yml"), target, occasion="test")
    return version
