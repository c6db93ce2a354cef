"""`logs.conversations` from `logs.turns` and `logs.messages`, written anew as a whole: seconds for millions of messages,
and the same whatever happened before.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from goldworks.lake import Lake
from goldworks.use_cases import UseCases

TURN_COLUMNS = (
    "conversation_id",
    "trace_id",
    "arrived_on",
    "source",
    "line",
    "has_chat",
    "service",
    "environment",
    "release",
    "prompt_version",
    "model",
    "retrieval_version",
    "tool_schema_version",
    "user_hash",
    "channel",
    "started_at",
    "ended_at",
    "reply_id",
    "error_type",
    "feedback_score",
)
MESSAGE_COLUMNS = ("conversation_id", "role", "is_withheld", "entities", "tool_name")


def merge_conversations(lake: Lake, use_cases: UseCases) -> int:
    """Write `logs.conversations`; return how many there are."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("turns", lake.read("logs.turns", TURN_COLUMNS))
        connection.register("messages", lake.read("logs.messages", MESSAGE_COLUMNS))
        query = (Path(__file__).parent / "merge.sql").read_text(encoding="utf-8")
        rows = connection.sql(query).to_arrow_table()
    kinds = zip(*(rows.column(name).to_pylist() for name in ("service", "environment", "channel")), strict=True)
    assigned = pa.array([use_cases.assign(*kind) for kind in kinds], pa.string())
    count = lake.replace("logs.conversations", rows.append_column("use_case", assigned))
    lake.vacuum("logs.conversations")  # ids that an earlier policy let pass, and one copy of everything per run
    return count
