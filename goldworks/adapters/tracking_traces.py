"""The worst answers of a run as MLflow traces, with their scores as assessments: for those who read failures in MLflow.

Not every answer becomes a trace: a thousand take MLflow a minute. Texts are redacted, as the tables hold them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from goldworks.errors import BusyError, GoldworksError
from goldworks.evaluation.result import RunResult
from goldworks.evaluation.worst import Failure, Said, worst_answers
from goldworks.lake import Lake

MOST_TRACES = 10
MOST_FOUND = 500
WAIT_SECONDS = 60.0
WHAT = {"user": "user", "assistant": "assistant", "system": "system"}
"""Roles of messages; everything else of a question is an input by its own name."""


def log_failures(client: Any, uri: str, mlflow_run_id: str, lake: Lake, result: RunResult) -> int:
    """Log the worst answers anew, those that stood there before being removed; return how many there are.

    Raises `GoldworksError` when MLflow kept another number than it was given: its queues lose traces without an error.
    """
    import mlflow

    mlflow.set_tracking_uri(uri)  # assessments are logged through the module alone
    experiment_id = client.get_run(mlflow_run_id).info.experiment_id
    remove_traces(client, [mlflow_run_id])
    failures, _ = worst_answers(lake, result.row, MOST_TRACES)
    trace_ids = [_log(client, experiment_id, failure, result) for failure in failures]
    if trace_ids:
        client.link_traces_to_run(trace_ids, mlflow_run_id)
    there = len(_traces_of(client, mlflow_run_id))
    if there != len(trace_ids):
        raise GoldworksError(
            f"MLflow kept {there} of {len(trace_ids)} traces of run {mlflow_run_id}", remedy="run the same command again"
        )
    return there


def remove_traces(client: Any, mlflow_run_ids: Collection[str]) -> int:
    """Remove the traces of these runs; return how many there were. Their bytes stay in the file until `compact`."""
    removed = 0
    for mlflow_run_id in mlflow_run_ids:
        found = _traces_of(client, mlflow_run_id)
        if found:
            experiment_id = client.get_run(mlflow_run_id).info.experiment_id
            removed += client.delete_traces(experiment_id, trace_ids=[trace.info.trace_id for trace in found])
    return removed


def compact(file: Path) -> None:
    """Write MLflow's database anew, without the bytes of what was deleted. Raises `BusyError` when a server holds it."""
    try:
        with closing(sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
            connection.execute("vacuum")
    except sqlite3.OperationalError as error:
        raise BusyError(f"{file.name} cannot be compacted: {error}", remedy="stop `goldworks ui`, then run it again") from None


def _traces_of(client: Any, mlflow_run_id: str) -> list[Any]:
    experiment_id = client.get_run(mlflow_run_id).info.experiment_id
    return list(
        client.search_traces(locations=[experiment_id], run_id=mlflow_run_id, max_results=MOST_FOUND, include_spans=False)
    )


def _log(client: Any, experiment_id: str, failure: Failure, result: RunResult) -> str:
    """One trace: the conversation in, what came out, a span a tool call, an assessment a score. Returns its id."""
    import mlflow
    from mlflow.entities import AssessmentSource, SpanType

    row = result.row
    tags = {"goldworks.run_id": row["run_id"], "case_id": failure.case_id, "repeat": str(failure.repeat)}
    root = client.start_trace(
        failure.case_id,
        span_type=SpanType.CHAT_MODEL,
        inputs=_inputs(failure.asked),
        tags=tags | ({"release": row["release"]} if row["release"] else {}),
        experiment_id=experiment_id,
    )
    for said in failure.answered:
        if said.who.startswith("calls "):
            name = said.who.removeprefix("calls ")
            span = client.start_span(name, root.trace_id, root.span_id, span_type=SpanType.TOOL, inputs={"arguments": said.text})
            client.end_span(root.trace_id, span.span_id)
    outputs = {said.who: said.text for said in failure.answered}
    client.end_trace(root.trace_id, outputs=outputs)
    source = AssessmentSource("CODE", "goldworks")
    for metric, value, detail in failure.scores:
        mlflow.log_feedback(trace_id=root.trace_id, name=metric, value=value, source=source, rationale=detail or None)
    return root.trace_id


def _inputs(asked: Collection[Said]) -> dict[str, Any]:
    """Messages as chat interfaces show them, and passages by their names."""
    messages = [{"role": WHAT[said.who], "content": said.text} for said in asked if said.who in WHAT]
    return {"messages": messages, **{said.who: said.text for said in asked if said.who not in WHAT}}
