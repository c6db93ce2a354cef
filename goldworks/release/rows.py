"""What a judgment is made of, as plain rows: the runs of both releases, and what is known beside them. Reads no table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from goldworks.calibration.policy import DriftLimits, Limits
from goldworks.evaluation.aggregates.protocol import Tally
from goldworks.statistics import Estimate
from goldworks.use_cases import Tier

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What gates look at of a case of the golden version; `case_digest` tells whether two versions hold the same case."""

    case_digest: str = ""
    intent: str | None = None
    tier: str = "T2"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """One release's run of one suite.

    `answers`: rows of `evals.answers` (case_id, repeat, cluster_id, status, latency_ms, cost_usd ...); `scores`: rows of
    `evals.scores` (case_id, repeat, metric, value, reason). `cases`: of the golden version. `opinions`: metrics that rest on a
    judge or stand for what people would say, which gate with a certificate only. `is_fixed`: the same answer each time.
    `aggregates` and `flake_rates`: by metric, at the gates' confidence; `repeats_missing`: by metric without a rate, the numbers
    (`--again`) of the further runs that it takes; `tallies`: what aggregates are made of.
    `seconds`: how long the run took.
    """

    run_id: str
    suite: str
    release: str
    version_id: str
    status: str
    answers: Sequence[Row]
    scores: Sequence[Row]
    cases: Mapping[str, CaseFacts]
    repeats: int = 1
    stopped: str | None = None
    is_fixed: bool = False
    opinions: frozenset[str] = frozenset()
    scorer_digests: Mapping[str, str] = field(default_factory=dict[str, str])
    aggregates: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    tallies: Mapping[str, Tally] = field(default_factory=dict[str, Tally])
    flake_rates: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    repeats_missing: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    seconds: float | None = None

    @property
    def clusters(self) -> dict[str, str]:
        """The unit of analysis of each case that was asked."""
        return {row["case_id"]: row.get("cluster_id") or row["case_id"] for row in self.answers}


@dataclass(frozen=True, slots=True)
class Labelled:
    """People's word on an answer that the metric judged. `value`: of the metric; `cluster`: its unit of analysis.

    `case_id` and `repeat`: of an answer of the candidate's run; `case_id` None: of another release, run or time. `probability`:
    with which it was drawn for labelling, 1 when it was not drawn here. `is_held_out`: the metric's cut was not chosen on it.
    """

    value: float
    is_failure: bool
    cluster: str
    case_id: str | None = None
    repeat: int = 0
    probability: float = 1.0
    is_held_out: bool = True


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a valid certificate rests on: it calls an answer a failure up to `fails_up_to`; `labels` by item.

    `labels_digest`: of the items and what people said of them; `newest_at`: when the last of them was taken in, ISO time.
    """

    fails_up_to: float
    is_graded: bool
    labels: tuple[Labelled, ...]
    certificate_id: str = ""
    labels_digest: str = ""
    newest_at: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """Why a certificate is not about what the metric is used on now, what ends that, and how many labels it takes at least.

    `is_of_baseline`: about the baseline's scores alone. The certificate holds, but not for a comparison with them.
    """

    words: str
    remedy: str
    labels: int
    is_of_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """A run whose scores of a metric are held against those that its certificate rests on; see `score_drift`. `labels`: these,
    whose `case_id` is set when they are of this run. `is_of_baseline`: only held against.
    """

    run_id: str
    labels: tuple[Labelled, ...]
    is_graded: bool
    is_of_baseline: bool


@dataclass(frozen=True, slots=True)
class Comparisons:
    """What drift is found in: by `suite/metric` the runs compared, the one that decides most first, and what is let pass."""

    limits: DriftLimits
    asks: Limits
    of: Mapping[str, tuple[Compared, ...]]


@dataclass(frozen=True, slots=True)
class Look:
    """One earlier look at a suite: the day (ISO date) on which it was made, and the runs that it looked at. `labels`: how many
    people's labels the number of a gate on a judge or proxy rested on; None where none did, or nobody knows.
    """

    on: str
    run_ids: tuple[str, ...]
    labels: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What an earlier look found for a gate (its row of `release.verdicts`), which stands though there are other labels now.

    `looks`: those that were made, it is the last. `waits_for`: how many further labels it takes for the planned second look; 0:
    labels alone bring none.
    """

    row: Row
    looks: tuple[Look, ...]
    waits_for: int = 0


@dataclass(frozen=True, slots=True)
class Hits:
    """What a ban forbids, in a further run of the release: the run, and its cases that failed in any repeat, sorted."""

    run_id: str
    case_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordedHit:
    """An earlier judgment that found what a ban forbids, and the day (ISO date) on which it was made first."""

    judgment_id: str
    on: str


@dataclass(frozen=True, slots=True)
class LabelPrice:
    """What a label takes of a reviewer; `usd_per_hour` None: unknown."""

    minutes: float
    usd_per_hour: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a judgment rests on. `candidate` and `base`: runs by suite; `base` is empty when there is no baseline.

    `version_id`: the golden version that is current. `intents`: how often each intent occurs in what users ask. `certificates`:
    state of the certificate of `suite/metric`: valid, expired, revoked (its scorer is another now), not_usable, too_few_labels or
    not_approved, or drift, of which `drifted` says what moved (also in a baseline alone, which changes no state) in the
    `comparisons`; absent: never certified. `not_approved`: what nobody approved of that on which its labels rest (words,
    command). `labels_missing`: human labels that a certificate still takes. `calibrations`: what people said, by `suite/metric`
    of the valid ones. `quarantined`: cases by `suite/metric` that no gate counts, and `problems` of the quarantine and of the
    choice of gates in words.
    `looks`: by suite, those that were made before the one at these runs; `passed_over`: all that were made at suites whose newer
    runs are not looked at. `gate_looks`: the same as `looks` of gates on judges and proxies, by gate, where further labels make a
    look too, and `standing`: those whose labels are not looked at. `forbidden`: by ban (its gate), what further runs of the
    release hold, oldest first. `recorded_hits`: by ban, that an earlier judgment failed it. `differences`: paired, of aggregates,
    by `suite/metric`. `missing_alone`: parts of aggregates that only the base lacks, and only the candidate, by `suite/metric`;
    of packs that hold no tallies to count them in. `labelling`: what a label costs. `smoke_margin`: of a golden version that is
    the part for pull requests, the loss that it can rule out; then no release is judged, but a pull request checked.
    """

    use_case: str
    tier: Tier
    release: str
    baseline: str | None
    version_id: str | None
    candidate: Mapping[str, SuiteRun]
    base: Mapping[str, SuiteRun]
    intents: Mapping[str, int] = field(default_factory=dict[str, int])
    certificates: Mapping[str, str] = field(default_factory=dict[str, str])
    not_approved: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict[str, tuple[tuple[str, str], ...]])
    drifted: Mapping[str, Drift] = field(default_factory=dict[str, Drift])
    comparisons: Comparisons | None = None
    labels_missing: Mapping[str, int] = field(default_factory=dict[str, int])
    calibrations: Mapping[str, Calibration] = field(default_factory=dict[str, Calibration])
    quarantined: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    problems: tuple[str, ...] = ()
    labelling: LabelPrice | None = None
    smoke_margin: float | None = None
    looks: Mapping[str, tuple[Look, ...]] = field(default_factory=dict[str, tuple[Look, ...]])
    passed_over: Mapping[str, tuple[Look, ...]] = field(default_factory=dict[str, tuple[Look, ...]])
    gate_looks: Mapping[str, tuple[Look, ...]] = field(default_factory=dict[str, tuple[Look, ...]])
    standing: Mapping[str, Standing] = field(default_factory=dict[str, Standing])
    forbidden: Mapping[str, tuple[Hits, ...]] = field(default_factory=dict[str, tuple[Hits, ...]])
    recorded_hits: Mapping[str, RecordedHit] = field(default_factory=dict[str, RecordedHit])
    differences: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    missing_alone: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
