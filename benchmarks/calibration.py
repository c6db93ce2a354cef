"""Which metrics and judges do people confirm? Certificates of the published labels in the development data.

uv run python -m benchmarks.calibration [DATA]

- `lexical_support` against BEGIN's test set (one label each, so there is no agreement to show: taken as given, and said);
- `lexical_support` against the faithfulness of MTRAG's rated answers (several raters each, by their majority; their agreement is
  measured);
- `answered`, a metric that nobody should gate attribution on, against the same;
- the judges of PandaLM against the majority of its three annotators, ties left out;
- the judges of LLMBar against its published answer, each order by itself and both together.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from goldworks.calibration import Certificate, LabelledItem, certify, load_calibration_policy
from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.protocol import NOT_APPLICABLE
from goldworks.evaluation.suites import Scoring, load_suite
from goldworks.golden.case import Case, CasePassage
from goldworks.settings import PROJECT_ROOT
from goldworks.statistics import Estimate
from goldworks.statistics.agreement import krippendorff_alpha

DATA = PROJECT_ROOT.parent / "shared" / "data"
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
MTRAG = "reference_subset_with_human_evaluations.json.gz"
GIVEN = Estimate(1.0, 1.0, 1.0, 0.90, "taken_as_given", 0, 0)
"""Agreement of the raters where the source publishes one label only: not known, so not part of what these figures show."""


def certificate(items: Sequence[LabelledItem], alpha: Estimate | None, tier: str = "T2") -> Certificate:
    """What the policy's limits make of them. None of these judges can be asked again, so that is not asked."""
    policy = load_calibration_policy(PROJECT_ROOT / "expectations")
    limits = policy.limits[tier].model_copy(update={"self_consistency": None})  # pyright: ignore[reportArgumentType]
    return certify(items, limits.at(policy.label_days), now=NOW, human_alpha=alpha, self_consistency=None)


def begin_items(data: Path, metric: str) -> list[LabelledItem]:
    """BEGIN's test answers, with a metric of the suite `rag`; generic answers are left out. A failure: not fully attributable."""
    with gzip.open(data / "sources" / "begin" / "wow" / "begin_test_wow.tsv.gz") as file:
        rows = list(csv.DictReader(io.StringIO(file.read().decode("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE))
    pairs: list[tuple[Case, Answer]] = []
    kept: list[dict[str, str]] = []
    for number, row in enumerate(rows):
        if row["begin_label"] == "Generic":
            continue
        passage = CasePassage(id="p", text=row["knowledge"])
        case = Case(case_id=f"begin{number}", use_case="begin", tier="T2", origin="production", passages=(passage,))
        pairs.append((case, Answer(case.case_id, 0, text=row["response"])))
        kept.append(row)
    return [
        LabelledItem(case.case_id, row["knowledge"], score[metric].value, row["begin_label"] != "Fully attributable", NOW)
        for (case, _), row, score in zip(pairs, kept, _scoring(metric).scores(pairs), strict=True)
    ]


def mtrag_items(data: Path, metric: str) -> tuple[list[LabelledItem], Estimate]:
    """MTRAG's rated answers, three systems to each task, with a metric of the suite `rag`, and how far its raters agree.

    A failure: most raters say No or Mostly No to "is it faithful to the passages". As many on either side: unsure. Answers that
    the metric does not apply to, such as refusals, are left out, as certificates do. One task is one cluster.
    """
    with gzip.open(data / "sources" / "mtrag" / "mtrag-human" / "evaluations" / MTRAG) as file:
        found = orjson.loads(file.read())
    texts = {one["document_id"]: one["text"] for one in found["documents"]}
    tasks = {one["task_id"]: one for one in found["tasks"]}
    pairs: list[tuple[Case, Answer]] = []
    ratings: list[dict[str, int]] = []
    for number, one in enumerate(found["evaluations"]):
        task = tasks[one["task_id"]]
        passages = tuple(CasePassage(id=d["document_id"], text=texts[d["document_id"]]) for d in task["contexts"])
        case = Case(case_id=f"mtrag{number}", use_case="mtrag", tier="T2", origin="production", passages=passages)
        pairs.append((case, Answer(case.case_id, 0, text=one["model_response"])))
        said = one["annotations"]["faithfulness"]
        ratings.append({rater: int(rating["value"]) for rater, rating in said.items() if "timestamp" in rating})
    raters = sorted({rater for said in ratings for rater in said})
    names = [one["task_id"] for one in found["evaluations"]]
    table = [[said.get(rater) for rater in raters] for said in ratings]
    alpha = krippendorff_alpha(table, (1, 2, 3, 4), level="ordinal", clusters=names, confidence=0.90)
    items: list[LabelledItem] = []
    for (case, _), said, task, score in zip(pairs, ratings, names, _scoring(metric).scores(pairs), strict=True):
        bad = sum(value <= 2 for value in said.values())
        is_failure = None if 2 * bad == len(said) else 2 * bad > len(said)
        if score[metric].reason != NOT_APPLICABLE:
            items.append(LabelledItem(case.case_id, task, score[metric].value, is_failure, NOW))
    return items, alpha


def _scoring(metric: str) -> Scoring:
    """One metric of the suite `rag`."""
    suite = load_suite(PROJECT_ROOT / "expectations" / "suites" / "rag.yml")
    return Scoring.of(
        suite.model_copy(update={"metrics": tuple(m for m in suite.metrics if m.metric == metric), "aggregates": ()})
    )


def pairwise(data: Path) -> list[dict[str, Any]]:
    """The published pairwise labels."""
    with gzip.open(data / "truth" / "pairwise_labels.jsonl.gz") as lines:
        return [orjson.loads(line) for line in lines]


def pandalm_items(rows: Iterable[dict[str, Any]], judge: str) -> tuple[list[LabelledItem], Estimate]:
    """A failure is a pair whose second answer is the better one: for people by majority, and the judge. Pairs that people call
    equal are left out; a tie of the judge is no verdict, so it counts as wrong.
    """
    said: dict[str, dict[str, str | None]] = defaultdict(dict)
    for row in rows:
        if row["source_dataset"] == "pandalm":
            said[row["item_id"]][row["rater"]] = row["value"]
    people = ("annotator1", "annotator2", "annotator3")
    alpha = krippendorff_alpha([[of.get(name) for name in people] for of in said.values()], ("1", "2", "tie"), confidence=0.90)
    items: list[LabelledItem] = []
    for item, of in sorted(said.items()):
        word, votes = Counter(of.get(name) for name in people).most_common(1)[0]
        if votes < 2 or word not in ("1", "2"):
            continue
        verdict = of.get(judge)
        value = {"1": 1.0, "2": 0.0}.get(verdict or "")
        items.append(LabelledItem(item, item, value, word == "2", NOW))
    return items, alpha


def llmbar_items(rows: Iterable[dict[str, Any]], judge: str, order: str | None) -> list[LabelledItem]:
    """The same against LLMBar's published answer. `order`: 12, 21 (shown swapped), or None for both, where a judge that
    changes its mind with the order gives no verdict.
    """
    truth: dict[str, str] = {}
    said: dict[str, dict[str, str | None]] = defaultdict(dict)
    for row in rows:
        if row["source_dataset"] == "llmbar" and row["rater"] == "published_label":
            truth[row["item_id"]] = row["value"]
        elif row["source_dataset"] == "llmbar" and row["rater"] == judge:
            said[row["item_id"]][row["order"]] = row["value"]
    items: list[LabelledItem] = []
    for item, right in sorted(truth.items()):
        of = said[item]
        verdict = of.get(order) if order else of.get("12") if of.get("12") == of.get("21") else None
        items.append(LabelledItem(item, item, {"1": 1.0, "2": 0.0}.get(verdict or ""), right == "2", NOW))
    return items


def studies(data: Path) -> Iterator[tuple[str, Certificate]]:
    """Each metric or judge, and its certificate."""
    yield "lexical_support, BEGIN (agreement taken as given)", certificate(begin_items(data, "lexical_support"), GIVEN)
    items, alpha = mtrag_items(data, "lexical_support")
    yield "lexical_support, MTRAG", certificate(items, alpha)
    yield "answered, BEGIN (agreement taken as given)", certificate(begin_items(data, "answered"), GIVEN)
    rows = pairwise(data)
    for judge in ("gpt-3.5-turbo", "pandalm-7b"):
        items, alpha = pandalm_items(rows, judge)
        yield f"{judge}, PandaLM", certificate(items, alpha)
    for judge in ("GPT-4", "ChatGPT"):
        for order, words in (("12", "first order"), ("21", "second order"), (None, "both orders")):
            yield f"{judge}, LLMBar, {words}", certificate(llmbar_items(rows, judge, order), GIVEN)


def main() -> None:
    """Print the certificates."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    table = Table(
        "metric or judge", "labels", "no verdict", "accuracy", "balanced accuracy [90 %]", "kappa [90 %]", "AUROC", "state"
    )
    lacking: list[str] = []
    for name, found in studies(parser.parse_args().data):
        q = found.quality
        shown = [_words(one) for one in (q.agreement, q.balanced_accuracy, q.kappa, found.auroc)]
        table.add_row(name, str(q.n), str(q.n_abstained), *shown, found.state.replace("_", " "))
        lacking += [f"{name} lacks: {line}" for line in found.missing]
    console = Console(width=190)
    console.print(table)
    for line in lacking:
        console.print(line, markup=False)


def _words(one: Estimate) -> str:
    if one.value is None:
        return "no value"
    return f"{one.value:.3f}" if one.low is None else f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"


if __name__ == "__main__":
    main()
