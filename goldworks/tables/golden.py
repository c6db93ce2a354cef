"""`golden.*`: proposed cases, cases of minted versions, the versions."""

from __future__ import annotations

from goldworks.tables.declare import FLAG, INTEGER, REAL, TEXT, TEXTS, TIME, Column, Table, optional, required, text

CASE: tuple[Column, ...] = (
    required("case_id", TEXT, "id of the case, stable while its content is edited"),
    required("use_case", TEXT, "use case"),
    required("tier", TEXT, "tier of the use case or case, T1 highest"),
    optional("intent", TEXT, "intent or topic"),
    required("origin", TEXT, "production, authored or red_team"),
    required("tags", TEXTS, "further tags, sorted"),
    text("messages", "input messages: JSON list of {role, text, tool_calls, tool_call_id, tool_result}"),
    text("passages", "passages the answer may rest on: JSON list of {id, text}"),
    text("tools", "tools the assistant may call: JSON list of {name, description, parameters}"),
    text(
        "expected",
        "expected outcome as JSON: reference, facts_required, facts_forbidden, tool_calls, rubric, should_refuse",
    ),
    required("parents", TEXTS, "case ids or message ids this case comes from"),
    optional("conversation_id", TEXT, "conversation it was taken from"),
    optional("source", TEXT, "log file it was taken from"),
    optional("line", INTEGER, "line of that file"),
    optional("trace_id", TEXT, "turn it was taken from"),
    optional("release", TEXT, "release that had answered"),
)

CANDIDATES = Table(
    "golden",
    "candidates",
    "one row per proposed case and its review state",
    (
        *CASE,
        required("state", TEXT, "proposed, approved or retired"),
        optional("reviewed_by", TEXT, "who approved or retired it"),
        optional("reviewed_at", TIME, "when"),
        optional("authored_by", TEXT, "who wrote it or edited it last; null when nobody did"),
        required("stratum", TEXT, "stratum of the sampling plan it was drawn from; `authored` for imported cases"),
        required(
            "plan_digest", TEXT, "digest of the sampling plan that proposed it; `authored` once a person wrote or edited it"
        ),
        required("case_digest", TEXT, "keyed digest of its content"),
        required("proposed_at", TIME, "when it was first proposed"),
    ),
    partition_by=("use_case",),
    keys=("case_id",),
)

CASES = Table(
    "golden",
    "cases",
    "one row per case of a minted version",
    (
        required("version_id", TEXT, "golden version"),
        *CASE,
        required("case_digest", TEXT, "keyed digest of its content"),
    ),
    partition_by=("version_id",),
    keys=("version_id", "case_id"),
)

VERSIONS = Table(
    "golden",
    "versions",
    "one row per minted golden version",
    (
        required("version_id", TEXT, "`<use case>-` and the first 12 hex digits of `content_digest`"),
        required("use_case", TEXT, "use case"),
        required("content_digest", TEXT, "digest of the canonical, sorted content"),
        optional("parent_version_id", TEXT, "version minted before it for the use case"),
        required("cases", INTEGER, "cases in it"),
        required("approvers", TEXTS, "who approved its cases, sorted"),
        required("owner", TEXT, "owner of the use case"),
        required("minted_at", TIME, "when it was first minted"),
        optional("current_at", TIME, "when its content last became current by minting; null: never again since minted_at"),
        required("is_tombstone", FLAG, "its bytes were deleted by an erasure or by retention; a successor holds what remained"),
        optional(
            "tombstoned_by",
            TEXT,
            "what deleted them: conversation, user or value (erased on request), reveal (a value recognised late) or retention",
        ),
        optional(
            "smoke_margin",
            REAL,
            "of a part that pull requests are checked by: the loss that it can rule out, 0..1; null: a whole version",
        ),
    ),
    keys=("version_id",),
)

GOLDEN = (CANDIDATES, CASES, VERSIONS)
