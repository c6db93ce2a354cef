"""`logs.*`: what arrived, redacted. Written by the intake only, one partition per arrival day."""

from __future__ import annotations

import pyarrow as pa

from goldworks.tables.declare import FLAG, INTEGER, REAL, TEXT, TEXTS, TIME, Table, optional, required, text

ARRIVED_ON = required(
    "arrived_on", TEXT, "partition: first date in the file's name, else the UTC day it was first seen; ISO date"
)
SOURCE = required("source", TEXT, "log file, relative to the log folder")
LINE = required("line", INTEGER, "1-based line in the decompressed file")

ARRIVALS = Table(
    "logs",
    "arrivals",
    "one row per log file read",
    (
        ARRIVED_ON,
        SOURCE,
        required("dialect", TEXT, "log dialect the file was read as; `unknown` when no line of it was recognised"),
        required("sha256", TEXT, "digest of the file's bytes as delivered; empty while the file is announced but not yet taken"),
        required("size_bytes", INTEGER, "size of the file as delivered"),
        required("lines", INTEGER, "lines in: records + duplicates + quarantined + empty + suppressed"),
        required("records", INTEGER, "lines that brought at least one new span"),
        required("duplicates", INTEGER, "lines all of whose spans had arrived before"),
        required("quarantined", INTEGER, "lines that could not be used"),
        required("empty", INTEGER, "blank lines"),
        optional(
            "suppressed",
            INTEGER,
            "lines of which nothing is kept: erased on request, or older than the retention policy allows; null: none, and taken "
            "before this was counted",
        ),
        required("late", INTEGER, "record lines whose turn ended on an earlier UTC day than they arrived"),
        required("is_incomplete", FLAG, "the file is cut short: its tail is lost"),
        required("policy_version", TEXT, "redaction policy the file was read under"),
    ),
    partition_by=("arrived_on",),
    keys=("source",),
)

QUARANTINE = Table(
    "logs",
    "quarantine",
    "one row per line that could not be used; never its text",
    (
        ARRIVED_ON,
        SOURCE,
        LINE,
        required("byte_offset", INTEGER, "where the line starts in the decompressed file"),
        required("length_bytes", INTEGER, "bytes of the line without its line end"),
        required(
            "reason",
            TEXT,
            "why: truncated_json, invalid_utf8, wrong_types, missing_conversation_id, truncated_gzip, ...",
        ),
        optional("detail", TEXT, "where in the line (a key path, a byte position); never a value"),
        required("line_hash", TEXT, "keyed hash of the line, to recognise it when it is delivered again"),
    ),
    partition_by=("arrived_on",),
    keys=("source", "line"),
)

TURNS = Table(
    "logs",
    "turns",
    "one row per turn (trace) and log line that brought spans of it",
    (
        ARRIVED_ON,
        SOURCE,
        LINE,
        required("trace_id", TEXT, "trace of the turn; for chat files the record's id"),
        required("conversation_id", TEXT, "conversation the turn belongs to"),
        required("span_ids", TEXTS, "spans this line brought for the turn that had not arrived before"),
        required("has_chat", FLAG, "the line brought the turn's chat span (else only tool or retrieval spans)"),
        required("service", TEXT, "application that answered; `unknown` when the log does not say"),
        optional("environment", TEXT, "deployment environment (production, staging)"),
        optional("release", TEXT, "version of the application"),
        optional("prompt_version", TEXT, "version of the prompt"),
        optional("model", TEXT, "model that answered"),
        optional("provider", TEXT, "provider of the model"),
        optional("retrieval_version", TEXT, "version of the retrieval configuration"),
        optional("tool_schema_version", TEXT, "version of the tool schemas"),
        optional("user_hash", TEXT, "keyed hash of the user's id"),
        optional("session_hash", TEXT, "keyed hash of the session's id"),
        optional("channel", TEXT, "channel or surface of the application"),
        optional("started_at", TIME, "start of the turn as its own clock says"),
        optional("ended_at", TIME, "end of the turn as its own clock says"),
        optional("latency_ms", REAL, "end minus start in milliseconds; null when the clock ran backwards"),
        optional("input_tokens", INTEGER, "tokens read by the model"),
        optional("output_tokens", INTEGER, "tokens written by the model"),
        optional("cost_usd", REAL, "cost the log states"),
        optional("finish_reason", TEXT, "why the model stopped"),
        optional("error_type", TEXT, "error class when the turn failed"),
        required("tool_calls", INTEGER, "tool spans this line brought"),
        required("tool_errors", INTEGER, "of these, with an error status"),
        optional("retrieved", INTEGER, "passages returned; null when there was no retrieval span"),
        optional("system_id", TEXT, "message_id of the system message the model was given"),
        optional("request_id", TEXT, "message_id of the last message the model was given; null without a chat span"),
        optional("reply_id", TEXT, "message_id of the reply; null when there was none"),
        optional("feedback_score", REAL, "user feedback in -1..1 (thumb down .. thumb up)"),
        text("feedback_comment", "user's comment, redacted"),
    ),
    partition_by=("arrived_on",),
    keys=("trace_id", "source", "line"),
)

CONVERSATIONS = Table(
    "logs",
    "conversations",
    "one row per conversation, merged from all its turns so far",
    (
        required("conversation_id", TEXT, "conversation"),
        required("service", TEXT, "application"),
        required("use_case", TEXT, "use case by `use_cases.yml`; the service itself when no rule names it"),
        optional("environment", TEXT, "deployment environment"),
        optional("release", TEXT, "release of the first turn"),
        optional("prompt_version", TEXT, "prompt version of the first turn"),
        optional("model", TEXT, "model of the first turn"),
        optional("retrieval_version", TEXT, "retrieval version of the first turn"),
        optional("tool_schema_version", TEXT, "tool schema version of the first turn"),
        required("is_mixed_release", FLAG, "turns of more than one release"),
        optional("user_hash", TEXT, "keyed hash of the user's id"),
        optional("channel", TEXT, "channel"),
        optional("occurred_on", TEXT, "UTC day of the first turn, ISO date; else the arrival day"),
        optional("started_at", TIME, "start of the first turn"),
        optional("ended_at", TIME, "end of the last turn"),
        required("turns", INTEGER, "distinct turns"),
        required("messages", INTEGER, "distinct messages (retrievals not counted)"),
        required("user_messages", INTEGER, "messages of the user"),
        required("tools", TEXTS, "names of the tools that were called, sorted"),
        required("tool_calls", INTEGER, "tool calls in the messages"),
        required("retrievals", INTEGER, "retrieval spans"),
        required("missing_replies", INTEGER, "turns without a reply"),
        optional("outcome", TEXT, "answered, no_reply or error, of the last turn"),
        optional("feedback_score", REAL, "mean feedback in -1..1"),
        required("entities", INTEGER, "redacted values in its messages"),
        required("withheld", INTEGER, "messages withheld because they could not be redacted"),
        required("first_arrived_on", TEXT, "first arrival day"),
        required("last_arrived_on", TEXT, "last arrival day"),
    ),
    keys=("conversation_id",),
)

PASSAGES = pa.list_(pa.struct([pa.field("id", pa.string()), pa.field("score", pa.float64()), pa.field("text", pa.string())]))

MESSAGES = Table(
    "logs",
    "messages",
    "one row per distinct message of a conversation, redacted; retrievals are rows of role `retrieval`",
    (
        ARRIVED_ON,
        SOURCE,
        LINE,
        required("conversation_id", TEXT, "conversation"),
        required("message_id", TEXT, "keyed digest of the message and of all before it: the same history gives the same id"),
        optional("parent_id", TEXT, "message before it; null for the first and for system messages"),
        required("message_index", INTEGER, "messages before it in its history, 0-based; a system message has none"),
        required("content_hash", TEXT, "keyed hash of the message alone: equal messages have equal hashes"),
        required("role", TEXT, "system, user, assistant, tool or retrieval"),
        text("text", "text, redacted; for a retrieval its query"),
        text("tool_calls", "tool calls of an assistant message: JSON list of {id, name, arguments}, redacted"),
        optional("tool_call_id", TEXT, "call that a tool message answers"),
        optional("tool_name", TEXT, "tool that a tool message comes from"),
        text("tool_result", "result of a tool message as JSON, redacted"),
        text("passages", "passages of a retrieval, redacted", PASSAGES),
        required("trace_id", TEXT, "turn whose line brought it first"),
        optional("occurred_at", TIME, "end of that turn for its reply, its start for everything else"),
        required("is_withheld", FLAG, "could not be redacted and is withheld"),
        required("entities", INTEGER, "redacted values in it"),
    ),
    partition_by=("arrived_on",),
    keys=("message_id",),
)

ENTITIES = Table(
    "logs",
    "entities",
    "one row per redacted value; never the value",
    (
        ARRIVED_ON,
        required("conversation_id", TEXT, "conversation"),
        required("message_id", TEXT, "message; for feedback the turn's trace_id"),
        required("role", TEXT, "role of the message"),
        required(
            "field",
            TEXT,
            "field of the message: text, tool_calls.<i>.arguments<path>, tool_result<path>, passages.<i>.text, feedback_comment",
        ),
        required("start", INTEGER, "start of the token in the redacted field, code points"),
        required("end", INTEGER, "end of the token in the redacted field, code points"),
        required("token", TEXT, "token that stands there, such as <PERSON_1>"),
        required("type", TEXT, "entity type"),
        required("rule", TEXT, "rule that found it"),
        required("layer", TEXT, "layer that found it: pattern, secret, key, name, propagation"),
        required("score", REAL, "confidence of the rule, 0..1"),
        required("value_hash", TEXT, "HMAC-SHA256(key, type | normalised value), truncated"),
        required("variant_hashes", TEXTS, "the same of its variants and name parts"),
        required("variant_words", INTEGER, "words of its longest variant: how long a window finds it again"),
        required("revealed_on", TEXT, "arrival day on which the value was first recognised in the conversation"),
        required("policy_version", TEXT, "version of the redaction policy"),
    ),
    partition_by=("arrived_on",),
    keys=("message_id", "field", "start"),
)

LOGS = (ARRIVALS, QUARANTINE, TURNS, CONVERSATIONS, MESSAGES, ENTITIES)
