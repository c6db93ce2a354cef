"""What could be labelled: turns of the logs and answers of evaluation runs, each with what points at it. No text is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from goldworks.evaluation.suites import judged
from goldworks.lake import Lake
from goldworks.review.policy import ReviewPolicy
from goldworks.use_cases import UseCases

Row = dict[str, Any]
TURN_COLUMNS = ("trace_id", "conversation_id", "release", "channel", "ended_at", "arrived_on", "feedback_score")
RUN_COLUMNS = ("run_id", "config", "use_case", "release", "suite", "target_kind", "started_at")
ANSWER_COLUMNS = ("run_id", "case_id", "repeat", "status", "cluster_id", "conversation_id", "trace_id", "error")

Paired = Callable[[str], Collection[str]]
"""Use case to the `suite/metric` that stand for people's word in it."""


def nothing_paired(_: str) -> Collection[str]:
    """No metric stands for people."""
    return ()


@dataclass(frozen=True, slots=True)
class Item:
    """A turn or an answer. `place` holds the columns that say where it is; `rules` those of the policy that apply to it."""

    item_id: str
    kind: str
    use_case: str
    release: str | None
    segment: str | None
    occurred_on: dt.date
    place: Mapping[str, Any]
    rules: tuple[str, ...]

    @property
    def period(self) -> str:
        """ISO week."""
        year, week, _ = self.occurred_on.isocalendar()
        return f"{year}-W{week:02}"


def population(
    lake: Lake, use_cases: UseCases, policy: ReviewPolicy, wanted: Collection[str], paired: Paired = nothing_paired
) -> list[Item]:
    """Items of these use cases that are not too old, by id. An answer that was recorded from the logs is its turn.

    `paired`: what stands for people's word, and needs labels of what it scored.
    """
    signals = Signalled(lake, policy, paired)
    found = [*_turns(lake, use_cases, policy, signals, wanted), *_answers(lake, use_cases, policy, signals, wanted)]
    if not found:
        return []
    first = max(item.occurred_on for item in found) - dt.timedelta(days=policy.look_back_days - 1)
    return sorted((item for item in found if item.occurred_on >= first), key=lambda item: item.item_id)


class Signalled:
    """Turns (by trace id) and answers that a metric flags or is unsure about, or that one which stands for people scored. Any run
    counts, also an earlier one.
    """

    def __init__(self, lake: Lake, policy: ReviewPolicy, paired: Paired) -> None:
        self.flagged: set[Any] = set()
        self.unsure: set[Any] = set()
        self.scored: set[Any] = set()
        signals = policy.signals
        low, high = signals.unsure_between
        for run in lake.rows("evals.runs", ["run_id", "use_case", "suite", "config"]):
            suite = orjson.loads(run["config"]).get("suite", {"metrics": []})
            pointing = judged(suite) | set(signals.metrics)
            standing = {
                metric
                for suite_name, _, metric in (of.partition("/") for of in paired(run["use_case"]))
                if suite_name == run["suite"]
            }
            where = [("run_id", "=", run["run_id"]), ("metric", "in", sorted(pointing | standing))]
            scores = lake.rows("evals.scores", ["case_id", "repeat", "metric", "value"], where)
            if not scores:
                continue
            of_run = [("run_id", "=", run["run_id"])]
            traces = {(r["case_id"], r["repeat"]): r["trace_id"] for r in lake.rows("evals.answers", ANSWER_COLUMNS, of_run)}
            for row in scores:
                if row["value"] is None:
                    continue
                keys = {(run["run_id"], row["case_id"], row["repeat"]), traces.get((row["case_id"], row["repeat"]))} - {None}
                if row["metric"] in standing:
                    self.scored |= keys
                if row["metric"] in pointing and row["value"] < signals.flagged_below:
                    self.flagged |= keys
                if row["metric"] in pointing and low <= row["value"] <= high:
                    self.unsure |= keys

    def rules_of(self, key: Any) -> Iterator[str]:
        """Rules that apply to a trace id, or to (run, case, repeat)."""
        if key in self.flagged:
            yield "judge_flagged"
        if key in self.unsure:
            yield "low_confidence"
        if key in self.scored:
            yield "stands_for_people"


def _turns(lake: Lake, use_cases: UseCases, policy: ReviewPolicy, signals: Signalled, wanted: Collection[str]) -> Iterator[Item]:
    use_case_of = {
        row["conversation_id"]: row["use_case"]
        for row in lake.rows("logs.conversations", ["conversation_id", "use_case"], [("use_case", "in", sorted(wanted))])
    }
    turns: dict[str, Row] = {}
    for row in lake.rows("logs.turns", (*TURN_COLUMNS, "reply_id"), [("has_chat", "=", True)]):
        if row["reply_id"] and row["conversation_id"] in use_case_of:
            row["day"] = row["ended_at"].date() if row["ended_at"] else dt.date.fromisoformat(row["arrived_on"])
            turns[row["trace_id"]] = row
    first_seen = _first_seen((use_case_of[row["conversation_id"]], row["release"], row["day"]) for row in turns.values())
    for trace_id, row in turns.items():
        use_case = use_case_of[row["conversation_id"]]
        rules = {"random", *signals.rules_of(trace_id)}
        if row["feedback_score"] is not None and row["feedback_score"] < 0:
            rules.add("thumbs_down")
        rules |= _rules_of(use_case, row["release"], row["day"], use_cases, policy, first_seen)
        place = {"conversation_id": row["conversation_id"], "trace_id": trace_id}
        segment = _segment(policy, use_case, row["release"], row["channel"])
        yield Item(trace_id, "turn", use_case, row["release"], segment, row["day"], place, tuple(sorted(rules)))


def _answers(
    lake: Lake, use_cases: UseCases, policy: ReviewPolicy, signals: Signalled, wanted: Collection[str]
) -> Iterator[Item]:
    """Answers of the newest run of each use case, release and suite whose target was asked; the first repeat of a case."""
    newest: dict[tuple[Any, ...], Row] = {}
    for row in sorted(lake.rows("evals.runs", RUN_COLUMNS), key=lambda row: (row["started_at"], row["run_id"])):
        if row["use_case"] in wanted and row["target_kind"] != "recorded":
            newest[row["use_case"], row["release"], row["suite"]] = row
    first_seen = _first_seen((row["use_case"], row["release"], row["started_at"].date()) for row in newest.values())
    for run in newest.values():
        use_case, day = run["use_case"], run["started_at"].date()
        more = _rules_of(use_case, run["release"], day, use_cases, policy, first_seen)
        segment = _segment(policy, use_case, run["release"], None)
        for row in lake.rows("evals.answers", ANSWER_COLUMNS, [("run_id", "=", run["run_id"]), ("repeat", "=", 0)]):
            if row["status"] != "ok" or row["error"]:
                continue
            key = (run["run_id"], row["case_id"], row["repeat"])
            rules = {"random", *signals.rules_of(key), *more}
            cluster = row["conversation_id"] or (row["cluster_id"] if row["cluster_id"] != row["case_id"] else None)
            place = {"conversation_id": cluster, "run_id": key[0], "case_id": key[1], "repeat": key[2]}
            yield Item(answer_id(*key), "answer", use_case, run["release"], segment, day, place, tuple(sorted(rules)))


def answer_id(run_id: str, case_id: str, repeat: int) -> str:
    """Item id of an answer."""
    return f"{run_id}/{case_id}/{repeat}"


def _first_seen(seen: Iterator[tuple[str, str | None, dt.date]]) -> dict[str, dict[str | None, dt.date]]:
    first: dict[str, dict[str | None, dt.date]] = {}
    for use_case, release, day in seen:
        of = first.setdefault(use_case, {})
        of[release] = min(day, of.get(release, day))
    return first


def _rules_of(
    use_case: str,
    release: str | None,
    day: dt.date,
    use_cases: UseCases,
    policy: ReviewPolicy,
    first_seen: Mapping[str, Mapping[str | None, dt.date]],
) -> set[str]:
    """Rules that the use case and the release bring."""
    rules = {"tier_1"} if use_cases.get(use_case).tier == "T1" else set[str]()
    since = first_seen[use_case][release]
    is_first = since == min(first_seen[use_case].values())
    if release and not is_first and (day - since).days < policy.signals.new_release_days:
        rules.add("new_release")
    return rules


def _segment(policy: ReviewPolicy, use_case: str, release: str | None, channel: str | None) -> str | None:
    return {"release": release, "channel": channel, "use_case": use_case}[policy.floor.segment_by]
