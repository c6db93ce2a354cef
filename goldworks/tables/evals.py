"""`evals.*`: runs, answers, scores. One run writes its own partition of each."""

from __future__ import annotations

from goldworks.tables.declare import INTEGER, REAL, TEXT, TIME, Table, optional, required, text

RUNS = Table(
    "evals",
    "runs",
    "one row per evaluation run",
    (
        required("run_id", TEXT, "digest of the configuration and its occasion"),
        required("config_digest", TEXT, "digest of the complete configuration"),
        required("config", TEXT, "the complete configuration as canonical JSON, without secrets"),
        required("occasion", TEXT, "why it ran: release:<name>, schedule:<tick>, again:<n>"),
        required("use_case", TEXT, "use case"),
        required("version_id", TEXT, "golden version"),
        required("suite", TEXT, "suite"),
        required("target", TEXT, "target"),
        required("target_kind", TEXT, "kind of the target, such as recorded; promptfoo or inspect: results of that tool"),
        optional("release", TEXT, "release under test"),
        required("seed", INTEGER, "seed of the run"),
        required("repeats", INTEGER, "answers per case"),
        required("cases", INTEGER, "cases in the version that the run covers"),
        required("answers", INTEGER, "answers received"),
        required("missing", INTEGER, "answers that infrastructure errors kept away"),
        required(
            "status",
            TEXT,
            "complete; incomplete: answers are missing, at most 2 % of them; inconclusive: more are, or see `stopped`",
        ),
        optional(
            "stopped",
            TEXT,
            "why nothing follows: budget, judging_budget, unreachable, or diverged (a replay left the recording); else null",
        ),
        required("started_at", TIME, "start"),
        required("ended_at", TIME, "end"),
        optional(
            "judgments",
            INTEGER,
            "judgments that the run asked judges for, over all its starts; those that other runs had asked for cost it nothing; "
            "null: not known",
        ),
        optional("judge_tokens", INTEGER, "tokens that these judgments read and wrote; null: not known"),
        optional("judge_cost_usd", REAL, "cost of these judgments; null: not known, or no price is"),
        optional("mlflow_run_id", TEXT, "run in MLflow"),
        optional("dagster_run_id", TEXT, "run in Dagster"),
    ),
    partition_by=("run_id",),
    keys=("run_id",),
)

ANSWERS = Table(
    "evals",
    "answers",
    "one row per answer: case x repeat",
    (
        required("run_id", TEXT, "run"),
        required("case_id", TEXT, "case"),
        required("repeat", INTEGER, "0-based repeat"),
        required("status", TEXT, "ok, or error: an infrastructure error, never a wrong answer"),
        optional(
            "error", TEXT, "class of the error, without text of the conversation; `expired`: the text was deleted for its age"
        ),
        text("text", "answer, redacted"),
        text("tool_calls", "tool calls of the answer as JSON, redacted"),
        text(
            "outcome",
            "what else the target told, as JSON, redacted: earlier turns, passages it fetched, final state, divergences",
        ),
        optional("latency_ms", REAL, "time to the whole answer"),
        optional("first_token_ms", REAL, "time to the first token of an answer that came as a stream"),
        optional("input_tokens", INTEGER, "tokens read"),
        optional("output_tokens", INTEGER, "tokens written"),
        optional("cost_usd", REAL, "cost"),
        required("attempts", INTEGER, "calls made for it"),
        optional("cluster_id", TEXT, "unit of analysis: the conversation the case comes from, else the case"),
        optional("conversation_id", TEXT, "for recorded answers the conversation it was found in"),
        optional("trace_id", TEXT, "for recorded answers the turn it was found in"),
    ),
    partition_by=("run_id",),
    keys=("run_id", "case_id", "repeat"),
)

SCORES = Table(
    "evals",
    "scores",
    "one row per metric of an answer",
    (
        required("run_id", TEXT, "run"),
        required("case_id", TEXT, "case"),
        required("repeat", INTEGER, "0-based repeat"),
        required("metric", TEXT, "metric"),
        optional("value", REAL, "score in 0..1, higher is better; null when it could not be computed"),
        optional("reason", TEXT, "why there is no value: not_applicable, missing_answer, ..."),
        optional("detail", TEXT, "what decided it, in words without conversation text"),
        required("scorer_digest", TEXT, "digest of the scorer's source and settings"),
    ),
    partition_by=("run_id",),
    keys=("run_id", "case_id", "repeat", "metric"),
)

EVALS = (RUNS, ANSWERS, SCORES)
