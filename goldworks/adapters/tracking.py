"""MLflow: one experiment per use case, one MLflow run per evaluation run. Everything it keeps is redacted already.

The store is SQLite below the home folder, always named explicitly; `goldworks.settings.close_network` must have been called
before MLflow is imported, which happens in the functions (it takes seconds).
"""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

from goldworks.adapters.tracking_traces import log_failures
from goldworks.evaluation.publishing import Tracking
from goldworks.evaluation.report import in_words, summary_page
from goldworks.evaluation.result import RunResult
from goldworks.lake import Lake
from goldworks.locks import alone

MOST_PARAMETERS = 100
LONGEST_PARAMETER = 500
RUN_TAG = "goldworks.run_id"
DRAFTS = "draft-"
"""How folders begin in which artifacts are made."""
WAIT_SECONDS = 300.0
"""How long to wait for another process that writes to the store."""


class MlflowTracking:
    """MLflow with its store in `<home>/mlflow`: `mlflow.db` and `artifacts/`. `expectations`: the folder of the policies."""

    def __init__(self, home: Path, expectations: Path) -> None:
        self.folder = home / "mlflow"
        self.expectations = expectations

    @property
    def uri(self) -> str:
        """Tracking URI; also for `mlflow server --backend-store-uri`."""
        return f"sqlite:///{self.folder / 'mlflow.db'}"

    def log_run(self, lake: Lake, result: RunResult, *, dagster_run_id: str | None = None) -> str:
        """Log parameters, dataset, metrics (one batch), artifacts, tags and failures; return the MLflow run id.

        A run that is there already, known by its tag, is returned as it is; one that was cut short, or was incomplete and has
        more answers now, is logged again in place.
        """
        with self.alone():
            return self._log_run(self.client(), lake, result, dagster_run_id)

    def client(self) -> Any:
        """An `mlflow.MlflowClient` of this store."""
        import mlflow

        for name in ("mlflow", "alembic"):  # they tell of each database table they make
            logging.getLogger(name).setLevel(logging.WARNING)
        return mlflow.MlflowClient(tracking_uri=self.uri)

    def alone(self) -> AbstractContextManager[None]:
        """Hold the store: who erases may not meet someone who is writing what is to be erased."""
        return alone(self.folder / "lock", "another process has been writing to MLflow's store", wait_seconds=WAIT_SECONDS)

    def _log_run(self, client: Any, lake: Lake, result: RunResult, dagster_run_id: str | None) -> str:
        from mlflow.entities import DatasetInput, Metric, Param, RunTag

        row = result.row
        experiment_id = self._experiment(client, row["use_case"])
        ended_ms = int(row["ended_at"].timestamp() * 1000)
        found = client.search_runs([experiment_id], f"tags.`{RUN_TAG}` = '{result.run_id}'", max_results=1)
        if found:
            run = found[0]
            if run.info.status == "FINISHED" and run.data.tags.get("goldworks.ended_ms") == str(ended_ms):
                return run.info.run_id
        else:
            started_ms = int(row["started_at"].timestamp() * 1000)
            run = client.create_run(experiment_id, started_ms, {RUN_TAG: result.run_id}, run_name=result.label)
        mlflow_run_id: str = run.info.run_id
        dataset = DatasetInput(_dataset(row), [])
        client.log_inputs(mlflow_run_id, datasets=[dataset])
        client.log_batch(
            mlflow_run_id,
            metrics=[Metric(name, value, ended_ms, 0) for name, value in metric_values(result).items()],
            params=[Param(name, value) for name, value in parameters(result.config).items()],
            tags=[RunTag(name, value) for name, value in tags(result, dagster_run_id).items()],
        )
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=DRAFTS) as folder:
            write_artifacts(Path(folder), lake, result, self.expectations)
            client.log_artifacts(mlflow_run_id, folder)
        log_failures(client, self.uri, mlflow_run_id, lake, result)
        client.set_tag(mlflow_run_id, "goldworks.ended_ms", str(ended_ms))
        client.set_terminated(mlflow_run_id, "FINISHED", ended_ms)
        return mlflow_run_id

    def _experiment(self, client: Any, use_case: str) -> str:
        from mlflow.exceptions import MlflowException

        found = client.get_experiment_by_name(use_case)
        if found is None:
            location = (self.folder / "artifacts" / use_case).absolute().as_uri()
            try:
                # so that MLflow lists the runs, with their metrics, under "Evaluation runs"
                return client.create_experiment(use_case, location, tags={"mlflow.experimentKind": "genai_development"})
            except MlflowException:  # another process was first
                found = client.get_experiment_by_name(use_case)
                if found is None:
                    raise
        if found.lifecycle_stage == "deleted":
            client.restore_experiment(found.experiment_id)
        return found.experiment_id


@dataclass(slots=True)
class FakeTracking:
    """Stands in for MLflow in tests: keeps what was logged."""

    runs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def log_run(self, lake: Lake, result: RunResult, *, dagster_run_id: str | None = None) -> str:
        """Keep it under its run id."""
        self.runs[result.run_id] = {
            "metrics": metric_values(result),
            "parameters": parameters(result.config),
            "tags": tags(result, dagster_run_id),
        }
        return f"fake-{result.run_id}"


def metric_values(result: RunResult) -> dict[str, float]:
    """Every metric by its name; after them `uncertainty/<metric>_low`, `_high`, `_cases`, `_missing`, which MLflow shows as a
    group of its own behind the metrics, in tables, charts and comparisons; and in a group `judging` what judges took.

    What has no value is left out, never 0; of a metric that no case asks for there is nothing.
    """
    estimates = result.estimates
    values = {name: estimate.value for name, estimate in estimates.items() if estimate.value is not None}
    for name, estimate in estimates.items():
        if estimate.n or estimate.n_missing:
            ends = {"low": estimate.low, "high": estimate.high, "cases": estimate.n, "missing": estimate.n_missing}
            values.update({f"uncertainty/{name}_{end}": float(value) for end, value in ends.items() if value is not None})
    if result.judging:
        took = {name: result.row[name] for name in ("judgments", "judge_tokens", "judge_cost_usd")}
        values.update({f"judging/{name}": float(value) for name, value in took.items() if value is not None})
    return values


def description(result: RunResult) -> str:
    """The run in a few lines of Markdown, as MLflow shows it above everything else: the numbers with their intervals."""
    row = result.row
    lines = [f"{row['use_case']}: {row['cases']} cases, {row['answers']} answers, {row['missing']} missing."]
    if result.nothing_measured:
        return "\n\n".join([*lines, f"**{result.nothing_measured}**"])
    lines += ["", "| metric | value [95 %] | cases |", "| --- | --- | --- |"]
    measured = {name: estimate for name, estimate in result.estimates.items() if name not in result.unmeasured}
    lines += [f"| {name} | {in_words(estimate)} | {estimate.n} |" for name, estimate in measured.items()]
    if result.unmeasured:
        lines += ["", f"Not measured, for no case asks for it: {', '.join(result.unmeasured)}."]
    return "\n".join([*lines, "", "More in the artifact `summary.html`."])


def parameters(config: Mapping[str, Any]) -> dict[str, str]:
    """The configuration flattened to `target.model` and the like, at most 100; the whole of it is an artifact."""
    suite = config["suite"]
    flat = {
        "version_id": config["version_id"],
        "suite": f"{suite['name']} {suite['version']}",
        "target": config["target_name"],
        "seed": config["seed"],
        "repeats": config["repeats"],
        **_flat({"target": config["target"], "scorer": {k: v[:12] for k, v in config["scorer_digests"].items()}}),
    }
    texts = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in flat.items()}
    return {name: text[:LONGEST_PARAMETER] for name, text in list(texts.items())[:MOST_PARAMETERS] if text}


def tags(result: RunResult, dagster_run_id: str | None) -> dict[str, str]:
    """Tags that lead back to us, and to Dagster."""
    row = result.row
    found = {
        RUN_TAG: result.run_id,
        "release": row["release"],
        "version_id": row["version_id"],
        "config_digest": row["config_digest"],
        "occasion": row["occasion"],
        "status": row["status"],
        "dagster.run_id": dagster_run_id or row["dagster_run_id"],
        "mlflow.note.content": description(result),
        "mlflow.source.name": "goldworks",
    }
    return {name: value for name, value in found.items() if value}


def _dataset(row: Mapping[str, Any]) -> Any:
    from mlflow.entities import Dataset

    version = str(row["version_id"])
    source = orjson.dumps({"table": "golden.cases", "version_id": version}).decode()
    profile = orjson.dumps({"num_rows": row["cases"]}).decode()
    return Dataset(row["use_case"], version.rsplit("-", 1)[-1], "goldworks", source, profile=profile)


def _flat(value: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict) and item:
            found.update(_flat(item, f"{before}{name}."))
        elif item not in (None, {}, []):
            found[before + name] = item
    return found


def write_artifacts(
    folder: Path, lake: Lake, result: RunResult, expectations: Path, written_anew_on: dt.date | None = None
) -> None:
    """config.json, results.parquet (scores, no text) and summary.html; `written_anew_on` as for `summary_page`."""
    config = orjson.dumps(result.config, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    (folder / "config.json").write_bytes(config)
    pq.write_table(lake.read("evals.scores", where=[("run_id", "=", result.run_id)]), folder / "results.parquet")
    (folder / "summary.html").write_text(summary_page(lake, result, expectations, written_anew_on), encoding="utf-8")


__all__ = ["FakeTracking", "MlflowTracking", "Tracking", "description", "metric_values", "parameters", "tags"]
