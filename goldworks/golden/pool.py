"""The pool that candidates are drawn from: every turn that may become a case, and one of them per conversation.

Joins run in DuckDB over Arrow tables, without the texts of the messages: these are read for what was chosen only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute

from goldworks.lake import Lake

if TYPE_CHECKING:
    import duckdb

pc: Any = pyarrow.compute  # its functions are made at import, where no type checker sees them

TURN_COLUMNS = (
    "arrived_on",
    "source",
    "line",
    "trace_id",
    "conversation_id",
    "has_chat",
    "release",
    "error_type",
    "tool_errors",
    "system_id",
    "request_id",
    "reply_id",
    "feedback_score",
)
MESSAGE_COLUMNS = ("message_id", "parent_id", "message_index", "role", "tool_calls")
SPOKEN = ("user", "assistant", "tool")

CHOOSE = """
select pool.*
from pool
left join reviewed using (conversation_id, trace_id)
where pool.use_case = $use_case and coalesce(reviewed.state, '') <> 'retired'
qualify row_number() over (
    partition by conversation_id
    order by
        coalesce(reviewed.state, '') = 'approved' desc,
        coalesce(feedback_score, 0) < 0 desc,
        len(tool_names) > 0 desc,
        sha256(concat($salt, '|', trace_id))
) = 1
order by conversation_id
"""

CHOOSE_WHOLE = """
with reviewable as (
    select pool.*, coalesce(reviewed.state, '') as state
    from pool
    left join reviewed using (conversation_id, trace_id)
    where pool.use_case = $use_case
)

select * exclude (state) replace (
    min(feedback_score) over so_far as feedback_score,
    cast(sum(tool_errors) over so_far as bigint) as tool_errors,
    flatten(list(tool_names) over so_far) as tool_names
)
from reviewable
window so_far as (partition by conversation_id order by question_index, trace_id)
qualify bool_and(state <> 'retired') over (partition by conversation_id)
    and row_number() over (
        partition by conversation_id order by state = 'approved' desc, question_index desc, trace_id
    ) = 1
order by conversation_id
"""

CHAINS = """
with recursive chain as (
    select question_id, question_id as message_id, 0 as step from chosen
    union all
    select chain.question_id, messages.parent_id, chain.step + 1
    from chain
    inner join messages using (message_id)
    where messages.parent_id is not null
)

select
    question_id,
    string_agg(content_hash, ' ' order by step desc) filter (where step > 0) as before_hashes,
    count(*) = count(messages.message_id) as is_whole
from chain
left join messages using (message_id)
group by question_id
"""


def load_pool(lake: Lake, use_cases: Collection[str]) -> pa.Table:
    """Turns that may become cases of `use_cases`; one row each, columns as `pool.sql` gives them.

    Only complete conversations: the last turn was answered, no reply is missing, nothing in them had to be withheld.
    """
    where = [
        ("use_case", "in", sorted(use_cases)),
        ("outcome", "=", "answered"),
        ("missing_replies", "=", 0),
        ("withheld", "=", 0),
    ]
    with _duckdb() as connection:
        connection.register("conversations", lake.read("logs.conversations", ["conversation_id", "use_case"], where))
        connection.register("turns", lake.read("logs.turns", TURN_COLUMNS))
        connection.register("messages", lake.read("logs.messages", MESSAGE_COLUMNS, [("role", "in", list(SPOKEN))]))
        query = (Path(__file__).parent / "pool.sql").read_text(encoding="utf-8")
        return connection.sql(query).to_arrow_table()


def choose_turns(
    pool: pa.Table, use_case: str, salt: str, reviewed: Mapping[tuple[str, str], str], unit: str = "turn"
) -> pa.Table:
    """One turn of each conversation of `use_case`, so that cases are independent of each other.

    The approved one if there is one, else one with a thumb down, else one with tool calls; among equals the order of
    `sha256(salt|trace_id)` decides, which does not change when more data arrive. `reviewed` maps (conversation id, trace id) to
    the review state; retired turns are left out.

    Of a whole `conversation` as unit it is the last turn (or the approved one), with the tools, errors and worst feedback of all
    turns up to it; one with a retired turn is left out.
    """
    states = pa.table(
        {
            "conversation_id": pa.array([c for c, _ in reviewed], pa.string()),
            "trace_id": pa.array([t for _, t in reviewed], pa.string()),
            "state": pa.array(list(reviewed.values()), pa.string()),
        }
    )
    with _duckdb() as connection:
        connection.register("pool", pool)
        connection.register("reviewed", states)
        if unit == "conversation":
            return connection.sql(CHOOSE_WHOLE, params={"use_case": use_case}).to_arrow_table()
        return connection.sql(CHOOSE, params={"use_case": use_case, "salt": salt}).to_arrow_table()


def add_inputs(lake: Lake, chosen: pa.Table) -> list[dict[str, Any]]:
    """The chosen turns as rows, with what tells their inputs apart; those whose history is not whole are left out.

    Added are `before_hashes` (of the messages before the question), `question` and `before` (texts of the user's message and of
    the one before it), and `passage_ids` (None when nothing was retrieved).
    """
    skeleton = ["message_id", "parent_id", "content_hash"]
    wanted = pa.chunked_array([*chosen.column("question_id").chunks, *chosen.column("before_id").chunks], pa.string())
    with _duckdb() as connection:
        connection.register("chosen", chosen)
        connection.register("messages", lake.read("logs.messages", skeleton, [("role", "in", list(SPOKEN))]))
        chains = connection.sql(CHAINS).to_arrow_table()
    texts = lake.read("logs.messages", ["message_id", "text"], [("message_id", "in", pc.drop_null(wanted).unique().to_pylist())])
    text_of = dict(zip(texts.column("message_id").to_pylist(), texts.column("text").to_pylist(), strict=True))
    passages = _passage_ids(lake, chosen.column("trace_id"))
    chain_of = {row["question_id"]: row for row in chains.to_pylist()}
    rows: list[dict[str, Any]] = []
    for row in chosen.to_pylist():
        chain = chain_of[row["question_id"]]
        if chain["is_whole"]:
            row["before_hashes"] = chain["before_hashes"] or ""
            row["question"] = text_of.get(row["question_id"]) or ""
            row["before"] = text_of.get(row["before_id"]) or ""
            row["passage_ids"] = passages.get((row["conversation_id"], row["trace_id"]))
            rows.append(row)
    return rows


def _passage_ids(lake: Lake, trace_ids: pa.ChunkedArray) -> dict[tuple[str, str], list[str]]:
    columns = ["conversation_id", "trace_id", "message_index", "message_id", "passages"]
    rows = lake.read("logs.messages", columns, [("role", "=", "retrieval")])
    rows = rows.filter(pc.is_in(rows.column("trace_id"), trace_ids.combine_chunks()))
    query = "select * replace (list_transform(passages, lambda p: p.id) as passages) from rows order by message_index, message_id"
    with _duckdb() as connection:
        connection.register("rows", rows)
        found = connection.sql(query).to_arrow_table().to_pylist()
    ids: dict[tuple[str, str], list[str]] = {}
    for row in found:
        ids.setdefault((row["conversation_id"], row["trace_id"]), []).extend(i for i in row["passages"] or () if i)
    return ids


def _duckdb() -> duckdb.DuckDBPyConnection:
    """A database in memory that never looks for an extension."""
    import duckdb

    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    connection.execute("set timezone = 'UTC'")
    return connection
