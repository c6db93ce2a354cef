"""What someone sees before and while a run asks; and a process that does without pandas."""

from __future__ import annotations

import subprocess
import sys

import pytest

from goldworks.evaluation.answers import Answer, Question
from goldworks.evaluation.budget import Budget, Expected
from goldworks.evaluation.prices import Price
from goldworks.evaluation.targets.protocol import Estimate
from goldworks.settings import PROJECT_ROOT
from pipelines import asking_bar
from pipelines.asking_bar import in_words


class Metered:
    """A target of 100 tokens a question."""

    model = "m"

    def __init__(self, price: Price | None, most: int | None = 50) -> None:
        self.price, self.most = price, most

    def estimate(self, question: Question) -> Estimate:
        return Estimate(100, self.most)


PRICE = Price(input_usd_per_million=10, output_usd_per_million=100)
QUESTIONS = [Question("c", ())]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (Metered(PRICE), "1,000 calls, about 100,000 tokens to read and at most 50,000 to write; at most $6.00"),
        (
            Metered(None),
            "1,000 calls, about 100,000 tokens to read and at most 50,000 to write; cost unknown: no price for the model",
        ),
        (
            Metered(PRICE, None),
            "1,000 calls, about 100,000 tokens to read and an unlimited number to write; "
            "cost unknown: nothing limits the answers",
        ),
        (object(), "1,000 calls"),
    ],
)
def test_what_a_run_will_take(target, says):
    assert Expected.of(target, 1000, QUESTIONS).in_words() == says


def test_rate_cost_and_failures():
    budget = Budget()
    budget.begin(Metered(PRICE), Expected(2), [])
    budget.add(Answer("c", 0, input_tokens=1000, output_tokens=100, cost_usd=0.02))
    budget.add(Answer("d", 0, "error", "timeout"))
    budget.add(Answer("e", 0, attempts=0, cost_usd=5.0))  # from the cache
    assert in_words(50, 4.0, 3, budget) == "12.5/s, $0.02, 3 failed"
    unpriced = Budget()
    unpriced.begin(Metered(None), Expected(2), [Answer("c", 0, input_tokens=1000, output_tokens=100)])
    assert in_words(1, 1.0, 0, unpriced) == "1/s, 1,100 tokens, price not known"


def test_an_answer_without_counts_is_taken_for_what_was_expected():
    budget = Budget(max_tokens=450)
    budget.begin(Metered(None), Expected.of(Metered(None), 3, QUESTIONS), [])
    assert [budget.allows(in_flight) for in_flight in (0, 2, 3)] == [True, True, False]
    budget.add(Answer("c", 0))
    assert budget.tokens == 150


def test_without_a_terminal_a_line_now_and_then_with_the_time_left(monkeypatch, capsys):
    clock = [0.0]
    monkeypatch.setattr(asking_bar.time, "monotonic", lambda: clock[0])
    with asking_bar.asking_bar("asking bot", 0.001, None) as (budget, progress):
        budget.begin(Metered(PRICE), Expected.of(Metered(PRICE), 100, QUESTIONS), [])
        for clock[0], done in ((0.0, 0), (10.0, 10), (40.0, 40), (50.0, 50)):
            progress(done, 100, 0)
    said = capsys.readouterr().err
    assert "asking bot: 100 calls, about 10,000 tokens to read and at most 5,000 to write; at most $0.60." in said
    assert "That may be more than the cap of $0.00; it stops there." in said
    assert "asking bot: 40 of 100, 1/s, $0, 60 s left" in said
    assert "50 of 100" not in said


LEAN = """
import sys
from goldworks.arrow import use_little_memory
use_little_memory()
from pathlib import Path
from goldworks.lake import Lake
lake = Lake(Path(sys.argv[1]))
row = {"run_id": "r", "case_id": "c", "repeat": 0, "metric": "m", "value": None, "scorer_digest": "d"}
lake.replace("evals.scores", [row], {"run_id": "r"})
table = lake.read("evals.scores", where=[("run_id", "=", "r")])
assert table.num_rows == 1
assert "pandas" not in sys.modules
frame = table.to_pandas()  # who asks for a data frame gets one
assert list(frame["case_id"]) == ["c"]
import pyarrow as pa
assert pa.array(frame["value"]).null_count == 1
"""


def test_a_process_that_does_without_pandas(tmp_path):
    subprocess.run([sys.executable, "-c", LEAN, str(tmp_path)], check=True, cwd=PROJECT_ROOT)
