"""Sensors: what starts by itself when something appears."""

import json

import dagster as dg

from assets.evals import EvalConfig
from assets.evidence import EvidenceConfig
from assets.partitions import partitions_of, suites_of_releases
from assets.releases import JudgeConfig
from assets.resources import Goldworks
from goldworks.digests import digest
from goldworks.errors import GoldworksError
from goldworks.evaluation.plan import wanted_runs
from goldworks.evaluation.releases import load_releases
from goldworks.golden.read import versions
from goldworks.intake.folder import fingerprint
from goldworks.intake.take import plan
from goldworks.review import incoming
from pipelines.jobs import daily_intake, label_import, release_eval
from pipelines.ranges import range_tags

LOOK_EVERY_SECONDS = 60


@dg.sensor(
    job=daily_intake,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    description="Starts the arrival days of log files that are new or were changed, late ones too, in one run. "
    "Looks at the folder every minute; files are opened only when something there has changed.",
)
def new_log_files(context: dg.SensorEvaluationContext, goldworks: Goldworks) -> dg.SensorResult | dg.SkipReason:
    """One run over the days that are due and those that follow from them.

    The cursor is what the folder looked like when it was last examined, the run key what the due files looked like: a changed
    file starts its day again, an unchanged one never does.
    """
    home = goldworks.home
    folder = home.logs()
    if folder is None:
        return dg.SkipReason("this home has no log folder yet: set GOLDWORKS_LOGS, or use goldworks run --logs DIR")
    try:
        source = goldworks.source
        seen = fingerprint(source.folder, source.policy)
        if seen is None:
            return dg.SkipReason(f"no log folder at {source.folder}")
        if seen == context.cursor:
            return dg.SkipReason("nothing has changed in the log folder")
        todo = plan(home.lake, source, home.key)
        if not todo.due:
            return dg.SensorResult(skip_reason="no new or changed log file", cursor=seen)
        tags = range_tags(todo.days)
    except (GoldworksError, OSError) as error:
        return dg.SkipReason(str(error))
    due = [(file.source, file.size_bytes) for day in todo.due for file in todo.files[day]]
    run_key = f"{todo.due[0]}..{todo.due[-1]} {digest([seen, due])[:16]}"
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=run_key, tags=tags)], cursor=seen)


@dg.sensor(
    job=release_eval,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    description="Evaluates and judges releases whose file in expectations/releases/ is new or was changed, once their use case "
    "has a golden set. Releases that were there when the sensor was first turned on are taken as known.",
)
def new_releases(context: dg.SensorEvaluationContext, goldworks: Goldworks) -> dg.SensorResult | dg.SkipReason:
    """One run over the releases that are new, and a partition for each of their suites. The cursor holds the digest of each that
    is known.
    """
    try:
        releases = load_releases(goldworks.expectations)
        ready = {row["use_case"] for row in versions(goldworks.home.lake)}
    except (GoldworksError, OSError) as error:
        return dg.SkipReason(str(error))
    now = {one.key: digest(one.model_dump(mode="json")) for one in releases}
    if context.cursor is None:
        return dg.SensorResult(skip_reason="these releases are known from now on", cursor=json.dumps(now))
    known: dict[str, str] = json.loads(context.cursor)
    new = [one.key for one in releases if known.get(one.key) != now[one.key] and one.use_case in ready]
    waiting = [one.key for one in releases if known.get(one.key) != now[one.key] and one.use_case not in ready]
    if not new:
        why = f"no golden version yet for: {', '.join(waiting)}" if waiting else "no new or changed release"
        return dg.SkipReason(why)
    try:
        wanted = wanted_runs(goldworks.home.lake, goldworks.expectations, is_benchmark=False, only=new)
    except (GoldworksError, OSError) as error:
        return dg.SkipReason(str(error))
    config = dg.RunConfig(
        ops={
            "evaluate": EvalConfig(releases=new),
            "judge": JudgeConfig(releases=new),
            "evidence": EvidenceConfig(releases=new),
        }
    )
    cursor = json.dumps({key: now[key] if key in new else known.get(key) for key in now if key in new or key in known})
    run_key = digest([context.cursor, {key: now[key] for key in new}])
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=run_key, run_config=config)],
        cursor=cursor,
        dynamic_partitions_requests=[suites_of_releases.build_add_request(partitions_of(wanted))],
    )


@dg.sensor(
    job=label_import,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    description="Takes labels that reviewers finished: filled sheets, batches and label files in the home's folder `labels`.",
)
def finished_labels(context: dg.SensorEvaluationContext, goldworks: Goldworks) -> dg.SensorResult | dg.SkipReason:
    """One run over the files that wait. A file that could not be read is tried again once the folder has changed."""
    try:
        seen = incoming.fingerprint(goldworks.home.root)
    except OSError as error:
        return dg.SkipReason(str(error))
    if seen is None:
        return dg.SkipReason("no file in the folder `labels`")
    if seen == context.cursor:
        return dg.SkipReason("the files in `labels` were looked at already")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=seen)], cursor=seen)


SENSORS = (new_log_files, new_releases, finished_labels)
