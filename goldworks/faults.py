"""Named points at which a test may kill the process, to prove that any step can be run again."""

from __future__ import annotations

import os
import signal

from goldworks.settings import fault_wanted

POINTS = (
    "intake.announced",
    "intake.turns_written",
    "intake.messages_written",
    "intake.reveal_half_written",
    "intake.reveal_written",
    "intake.before_arrivals",
    "intake.before_conversations",
    "golden.cases_written",
    "review.refusals_written",
    "review.labels_written",
    "review.refused_left",
    "evals.answer_journalled",
    "evals.verdict_journalled",
    "evals.before_run_row",
    "warehouse.before_publish",
    "forgetting.ordered",
    "forgetting.successor_written",
    "forgetting.golden_half_done",
    "forgetting.answers_half_done",
    "forgetting.logs_half_done",
    "forgetting.before_tracking",
    "forgetting.before_marts",
    "forgetting.before_certificate",
    "retention.ordered",
    "retention.quarantine_half_done",
    "retention.answers_half_done",
    "retention.half_done",
    "rotation.ordered",
    "rotation.half_done",
    "rotation.before_ring",
    "vault.next_key_written",
    "vault.encrypted_anew",
    "vault.key_destroyed",
)


def fault_point(name: str) -> None:
    """Die here as by `kill -9` if `GOLDWORKS_FAULT` names this point; otherwise nothing."""
    assert name in POINTS, name
    if fault_wanted() == name:
        os.kill(os.getpid(), signal.SIGKILL)
