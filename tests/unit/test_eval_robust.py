"""Runs against endpoints that misbehave: nothing lost, nothing damaged, an end in finite time; caps, parts, cache, ctrl-C."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from goldworks.errors import InputError, PolicyError
from goldworks.evaluation import cache as caches
from goldworks.evaluation.answers import Answer, Question
from goldworks.evaluation.budget import Budget
from goldworks.evaluation.cache import AnswerCache
from goldworks.evaluation.journal import open_journal
from goldworks.evaluation.parts import Part
from goldworks.evaluation.prices import Price, load_prices
from goldworks.evaluation.run import run, run_part
from goldworks.evaluation.status import status_of
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import load_target
from goldworks.evaluation.targets.pace import Pace
from goldworks.evaluation.targets.protocol import Unreachable
from goldworks.forgetting.answers import Evaluations
from goldworks.lake import Lake
from goldworks.orders import Scope, new_order
from goldworks.redaction import RedactedDocument, RedactedField
from goldworks.redaction.records import Known

ROOT = Path(__file__).resolve().parents[2]
VERSION = "shop-0123456789ab"
CASES = 12


class Same:
    """A redactor that finds nothing."""

    def redact(self, documents):
        return [
            RedactedDocument(d.conversation_id, tuple(RedactedField(f.owner, f.name, f.value, ()) for f in d.fields))
            for d in documents
        ]


def write_version(lake: Lake, count: int = CASES) -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    rows = [
        {
            "version_id": VERSION,
            "case_id": f"case{number:03}",
            "use_case": "shop",
            "tier": "T2",
            "origin": "production",
            "tags": [],
            "messages": json.dumps([{"role": "user", "text": f"question {number}?"}]),
            "passages": "[]",
            "tools": "[]",
            "expected": json.dumps({"reference": f"word{number}"}),
            "parents": [],
            "conversation_id": f"conv{number // 2}",
            "case_digest": f"d{number}",
        }
        for number in range(count)
    ]
    lake.replace("golden.cases", rows, {"version_id": VERSION})
    version = {"version_id": VERSION, "use_case": "shop", "content_digest": "d", "cases": count, "approvers": [], "owner": "o"}
    lake.upsert("golden.versions", [{**version, "minted_at": now, "current_at": now, "is_tombstone": False}])


@pytest.fixture
def lake(tmp_path):
    lake = Lake(tmp_path / "home")
    write_version(lake)
    return lake


@pytest.fixture(scope="module")
def suite():
    return load_suite(ROOT / "expectations" / "suites" / "chat.yml")


MODULE = """
import asyncio
from goldworks.evaluation.answers import NoAnswer, Reply
from goldworks.evaluation.targets.protocol import Unreachable

asked = []

def number(question):
    return int(question.messages[-1]["text"].split()[1].rstrip("?"))

async def right(question, tokens=True):
    asked.append(question.case_id)
    await asyncio.sleep(0.001)
    used = {"input_tokens": 40, "output_tokens": 10, "cost_usd": 0.01} if tokens else {}
    return Reply(text=f"It is word{number(question)}.", latency_ms=1.0, **used)

async def silent(question):
    return "It is word."

async def down_after_five(question):
    await asyncio.sleep(0.001 * number(question))
    if number(question) >= 5:
        raise Unreachable("the endpoint has taken no connection for 30 s", remedy="start it")
    return f"It is word{number(question)}."
"""


@pytest.fixture
def target(tmp_path, monkeypatch):
    name = f"robust_bot_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(function: str, **more):
        path = tmp_path / f"{function}.yml"
        path.write_text(json.dumps({"kind": "callable", "function": f"{name}:{function}", **more}))
        return load_target(path)

    make.module = lambda: __import__(name)
    return make


def texts(lake, run_id):
    return {row["case_id"]: row["text"] for row in lake.rows("evals.answers", where=[("run_id", "=", run_id)])}


# Status


@pytest.mark.parametrize(
    ("answers", "wanted", "stopped", "status"),
    [
        (100, 100, None, "complete"),
        (98, 100, None, "incomplete"),
        (97, 100, None, "inconclusive"),
        (0, 1, None, "inconclusive"),
        (0, 0, None, "complete"),
        (99, 100, "budget", "inconclusive"),
        (100, 100, "budget", "complete"),
    ],
)
def test_status(answers, wanted, stopped, status):
    assert status_of(answers, wanted, stopped) == status


def test_an_endpoint_that_goes_down_ends_the_run_and_keeps_what_came(lake, suite, target):
    bot = target("down_after_five", limits={"concurrency": 3})
    result = run(lake, VERSION, suite, bot, occasion="o", redactor=Same())
    assert (result.status, result.row["stopped"], result.row["answers"]) == ("inconclusive", "unreachable", 5)
    assert result.because.startswith("the endpoint has taken no connection for 30 s")
    errors = {row["error"] for row in lake.rows("evals.answers") if row["status"] == "error"}
    assert errors == {"stopped_unreachable"}
    assert result.estimates["contains"].n_missing == CASES - 5
    again = run(lake, VERSION, suite, bot, occasion="o", redactor=Same())
    assert (again.row["answers"], again.status) == (5, "inconclusive")


# Pace


def test_pace_halves_once_for_what_was_under_way_together_and_recovers():
    async def paced() -> list[float]:
        pace = Pace(16, 30)
        started = time.monotonic()
        for _ in range(16):
            pace.was_refused(started)
        limits = [pace.limit]
        pace.was_refused(time.monotonic())
        limits.append(pace.limit)
        for _ in range(200):
            pace.went_well()
        return [*limits, pace.limit]

    assert asyncio.run(paced()) == [8, 4, 16]


def test_pace_lets_no_more_in_than_it_allows_and_forgets_no_one_who_waits():
    async def paced() -> tuple[int, int]:
        pace, most, done = Pace(4, 30), 0, 0
        pace.was_refused(time.monotonic())

        async def one() -> None:
            nonlocal most, done
            async with pace:
                most = max(most, pace.in_flight)
                await asyncio.sleep(0.001)
                done += 1

        tasks = [asyncio.create_task(one()) for _ in range(20)]
        await asyncio.sleep(0)
        tasks[5].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return most, done

    assert asyncio.run(paced()) == (2, 19)


def test_pace_counts_how_long_nobody_answers_the_door(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("goldworks.evaluation.targets.pace.time.monotonic", lambda: clock[0])
    pace = Pace(4, 30, "the endpoint of target bot")
    for clock[0] in (0.0, 20.0):
        pace.was_not_reached()
    pace.was_reached()
    for clock[0] in (40.0, 69.0):
        pace.was_not_reached()
    clock[0] = 70.0
    with pytest.raises(Unreachable, match="the endpoint of target bot has taken no connection for 30 s"):
        pace.was_not_reached()


# Caps and prices


def test_a_cap_ends_a_run_cleanly_and_a_higher_one_goes_on(lake, suite, target):
    bot = target("right", limits={"concurrency": 4})
    first = run(lake, VERSION, suite, bot, occasion="o", redactor=Same(), budget=Budget(max_tokens=260))
    assert (first.status, first.row["stopped"], first.row["answers"]) == ("inconclusive", "budget", 5)
    assert {row["error"] for row in lake.rows("evals.answers") if row["status"] == "error"} == {"stopped_budget"}
    budget = Budget(max_tokens=550)
    second = run(lake, VERSION, suite, bot, occasion="o", redactor=Same(), budget=budget)
    assert (second.row["answers"], budget.tokens) == (11, 550)  # what the first start paid for counts
    third = run(lake, VERSION, suite, bot, occasion="o", redactor=Same())
    assert (third.status, third.row["stopped"]) == ("complete", None)
    assert sorted(target.module().asked) == [f"case{number:03}" for number in range(CASES)]


def test_the_cap_of_a_suite_holds_unless_the_command_says_another(lake, suite, target):
    bot = target("right", limits={"concurrency": 4})
    capped = suite.model_copy(update={"max_tokens": 260})
    first = run(lake, VERSION, capped, bot, occasion="o", redactor=Same())
    assert (first.status, first.row["stopped"], first.row["answers"]) == ("inconclusive", "budget", 5)
    assert first.ended == "It ended at its cap. What was paid for is kept; with a higher cap the same run asks for the rest."
    again = run(lake, VERSION, capped, bot, occasion="o", redactor=Same())
    assert (again.run_id, len(target.module().asked)) == (first.run_id, 5), "started again it spends the cap no second time"
    higher = run(lake, VERSION, suite.model_copy(update={"max_tokens": 550}), bot, occasion="o", redactor=Same())
    assert (higher.run_id, higher.row["answers"]) == (first.run_id, 11), "a cap is no part of the configuration"
    whole = run(lake, VERSION, capped, bot, occasion="o", redactor=Same(), budget=Budget(max_tokens=10_000))
    assert (whole.run_id, whole.status, whole.ended) == (first.run_id, "complete", None)


def test_a_cap_that_cannot_hold_says_so(lake, suite, target):
    found = run(lake, VERSION, suite, target("silent"), occasion="o", redactor=Same(), budget=Budget(max_tokens=1))
    assert found.note == "12 answers came without counts of their tokens, so the cap in tokens did not count them"
    assert run(lake, VERSION, suite, target("silent"), occasion="p", redactor=Same()).note is None


def test_parts_share_the_cap_of_a_suite(lake, suite, target):
    bot = target("right", limits={"concurrency": 1})
    capped = suite.model_copy(update={"max_tokens": 400})
    shares = [run_part(lake, VERSION, capped, bot, Part(n, 2), occasion="o", redactor=Same()) for n in (1, 2)]
    assert [share.answers for share in shares] == [4, 4]
    assert run(lake, VERSION, capped, bot, occasion="o", redactor=Same()).row["answers"] == 8


@pytest.mark.parametrize(
    ("cap", "says"),
    [
        ("max_cost_usd: 0", "max_cost_usd: Input should be greater than 0"),
        ("max_cost_usd: .inf", "max_cost_usd: Input should be a finite number"),
        ("max_tokens: 0", "max_tokens: Input should be greater than or equal to 1"),
        ("max_tokens: 1.5", "max_tokens: Input should be a valid integer"),
        ("budget_usd: 1", "budget_usd: unknown key"),
    ],
)
def test_a_cap_that_is_none_is_refused_by_its_line(tmp_path, cap, says):
    path = tmp_path / "capped.yml"
    path.write_text(f"version: 1\n{cap}\n" + (ROOT / "expectations" / "suites" / "chat.yml").read_text().split("version: 1\n")[1])
    with pytest.raises(PolicyError, match=f"capped.yml:2: {says}"):
        load_suite(path)


def test_a_cap_changes_no_digest(suite):
    assert suite.model_copy(update={"max_cost_usd": 2.5, "max_tokens": 9}).model_dump() == suite.model_dump()


def test_a_cap_in_dollars_needs_a_price(lake, suite, target):
    with pytest.raises(InputError, match=r"price of this target's model is not known.*\n.*prices.yml"):
        run(lake, VERSION, suite, target("right"), occasion="o", redactor=Same(), budget=Budget(max_cost_usd=1.0))


def test_prices_by_the_first_pattern_that_matches():
    table = load_prices(ROOT / "expectations")
    assert table.of("gpt-4.1-mini-2025-04-14").input_usd_per_million == 0.40
    assert table.of("gpt-4.1").output_usd_per_million == 8.00
    assert table.of("smollm2-135m-instruct").of(10, 10) == 0
    assert table.of("model-of-nobody") is None
    assert Price(input_usd_per_million=2, output_usd_per_million=8).of(500_000, 1_000_000) == 9
    assert Price(input_usd_per_million=2, output_usd_per_million=8).of(None, 5) is None


def test_the_table_prices_an_endpoint_and_changes_no_digest(tmp_path):
    path = tmp_path / "bot.yml"
    settings = {"kind": "openai_chat", "base_url": "http://127.0.0.1:9/v1", "model": "gpt-4.1"}
    path.write_text(json.dumps(settings))
    plain, priced = load_target(path), load_target(path, prices=load_prices(ROOT / "expectations"))
    assert (plain.price, priced.price.output_usd_per_million) == (None, 8.00)
    assert plain.configuration() == priced.configuration()
    path.write_text(json.dumps({**settings, "prices": {"input_usd_per_million": 1, "output_usd_per_million": 1}}))
    assert load_target(path, prices=load_prices(ROOT / "expectations")).price.output_usd_per_million == 1


# Parts


def test_three_parts_put_together_are_one_run(lake, suite, target, tmp_path):
    whole = Lake(tmp_path / "whole")
    write_version(whole)
    bot = target("right", limits={"concurrency": 3})
    one = run(whole, VERSION, suite, bot, occasion="o", redactor=Same(), repeats=2)
    target.module().asked.clear()
    shares = [run_part(lake, VERSION, suite, bot, Part(n, 3), occasion="o", redactor=Same(), repeats=2) for n in (3, 1, 2)]
    assert sum(share.wanted for share in shares) == 2 * CASES
    assert all(share.answers == share.wanted for share in shares)
    assert len(target.module().asked) == 2 * CASES
    merged = run(lake, VERSION, suite, bot, occasion="o", redactor=Same(), repeats=2)
    assert len(target.module().asked) == 2 * CASES  # nothing was asked again
    assert (merged.run_id, merged.status, merged.estimates) == (one.run_id, "complete", one.estimates)
    order = ("case_id", "repeat")
    for key in ("evals.answers", "evals.scores"):
        rows = [sorted(lake.rows(key), key=lambda row: [str(row[n]) for n in order]) for lake in (whole, lake)]
        assert rows[0] == rows[1]
    assert not [path for path in (lake.home / "runs").glob("*/answers.jsonl") if path.stat().st_size]


def test_a_part_of_a_run_that_was_begun_asks_its_share_of_the_rest(lake, suite, target):
    bot = target("right", limits={"concurrency": 1})
    run(lake, VERSION, suite, bot, occasion="o", redactor=Same(), budget=Budget(max_tokens=260))
    asked = [*target.module().asked]
    shares = [run_part(lake, VERSION, suite, bot, Part(n, 2), occasion="o", redactor=Same()) for n in (1, 2)]
    assert sum(share.answers for share in shares) == sum(share.wanted for share in shares) == CASES
    assert sorted(target.module().asked) == [f"case{number:03}" for number in range(CASES)]
    assert len(asked) == 5
    assert run(lake, VERSION, suite, bot, occasion="o", redactor=Same()).is_complete
    run_part(lake, VERSION, suite, bot, Part(1, 2), occasion="o", redactor=Same())
    assert len(target.module().asked) == CASES
    assert not run(lake, VERSION, suite, bot, occasion="o", redactor=Same()).is_new
    assert not [path for path in (lake.home / "runs").glob("*/answers.jsonl") if path.stat().st_size]


def test_parts_share_the_cases_without_rest_and_whatever_their_order():
    ids = [f"case-{number}" for number in range(1000)]
    parts = [Part.parse(f"{number}/4") for number in (1, 2, 3, 4)]
    taken = [sum(part.takes(case_id) for part in parts) for case_id in ids]
    assert set(taken) == {1}
    assert all(200 < sum(part.takes(case_id) for case_id in ids) < 300 for part in parts)
    for wrong in ("0/4", "5/4", "1", "a/b", "1/0", "-1/2"):
        with pytest.raises(InputError, match="is no part"):
            Part.parse(wrong)


# The cache


@pytest.fixture
def cache(tmp_path):
    made = AnswerCache(tmp_path / "home" / "cache", b"k" * 32, "policy 1")
    yield made
    made.close()


def test_the_cache_saves_calls_across_occasions_only_when_given(lake, suite, target, cache):
    bot = target("right")
    first = run(lake, VERSION, suite, bot, occasion="again:0", redactor=Same(), cache=cache)
    again = run(lake, VERSION, suite, bot, occasion="again:1", redactor=Same(), cache=cache)
    assert len(target.module().asked) == CASES
    assert texts(lake, first.run_id) == texts(lake, again.run_id)
    attempts = {row["attempts"] for row in lake.rows("evals.answers", where=[("run_id", "=", again.run_id)])}
    assert attempts == {0}  # they cost no call
    run(lake, VERSION, suite, bot, occasion="again:2", redactor=Same())
    assert len(target.module().asked) == 2 * CASES


QUESTION = Question("c1", ({"role": "user", "text": "Hi?"},), seed=7)


def test_what_a_cached_answer_hangs_on(cache, tmp_path):
    cache.put({"model": "m"}, QUESTION, Answer("c1", 0, text="Hello.", cluster_id="k"))
    cache.put({"model": "m"}, QUESTION, Answer("c1", 1, "error", "timeout"))
    found = cache.get({"model": "m"}, QUESTION, 0, "k")
    assert (found.text, found.attempts) == ("Hello.", 0)
    other = Question("c2", QUESTION.messages, seed=7)
    assert cache.get({"model": "m"}, other, 0, "k2").case_id == "c2"  # the same question in another case
    for target, question, repeat in (
        ({"model": "n"}, QUESTION, 0),
        ({"model": "m"}, QUESTION, 1),
        ({"model": "m"}, Question("c1", QUESTION.messages, seed=8), 0),
        ({"model": "m"}, Question("c1", ({"role": "user", "text": "Hi!"},), seed=7), 0),
    ):
        assert cache.get(target, question, repeat, "k") is None
    for key, made_by in ((b"j" * 32, "policy 1"), (b"k" * 32, "policy 2")):
        stranger = AnswerCache(tmp_path / "home" / "cache", key, made_by)
        assert stranger.get({"model": "m"}, QUESTION, 0, "k") is None
        stranger.close()
    path = tmp_path / "home" / "cache" / caches.FILE
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_cache_has_limits_of_age_and_size_and_outlives_damage(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    clock = [1_000_000.0]
    monkeypatch.setattr(caches.time, "time", lambda: clock[0])

    def opened(**limits) -> AnswerCache:
        return AnswerCache(folder, b"k" * 32, "p", **limits)

    cache = opened()
    for number in range(200):
        clock[0] += 1
        cache.put({"n": number}, QUESTION, Answer("c1", 0, text="x" * 1000))
    cache.close()
    size = (folder / caches.FILE).stat().st_size
    small = opened(most_bytes=50_000)
    assert small.get({"n": 199}, QUESTION, 0, "k") is not None
    assert small.get({"n": 0}, QUESTION, 0, "k") is None  # the oldest went
    small.close()
    assert (folder / caches.FILE).stat().st_size < 0.7 * size
    clock[0] += 31 * 86_400
    old = opened()
    assert old.get({"n": 199}, QUESTION, 0, "k") is None
    old.close()
    (folder / caches.FILE).write_bytes(b"not a database at all" * 100)
    fresh = opened()
    fresh.put({}, QUESTION, Answer("c1", 0, text="new"))
    assert fresh.get({}, QUESTION, 0, "k").text == "new"
    fresh.close()


@pytest.mark.parametrize("kind", ["conversation", "value", "reveal"])
def test_erasure_reaches_the_cache_bytes_included(lake, cache, tmp_path, kind):
    for number in range(4):
        answer = Answer(f"case{number}", 0, text=f"Canary-{number}-7c1f", cluster_id=f"conv{number}")
        cache.put({"n": number}, QUESTION, answer)
    cache.close()
    known = Known("<ERASED_1>", "ERASED", "h", (), 1, (6,))
    scope = {
        "conversation": Scope(conversations=("conv1",)),
        "value": Scope(values={"conv2": (known,)}),
        "reveal": Scope(values={"conv1": (known,)}),
    }[kind]
    order = new_order(kind, ["x"], "p")
    order = msgspec.structs.replace(order, scope=scope, is_located=True)
    holder = Evaluations(lake, Same())
    gone = 4 if kind == "value" else 1
    assert holder.foresee(order)["cached"] == gone
    assert holder.forget(order).counts["cached"] == gone
    data = (tmp_path / "home" / "cache" / caches.FILE).read_bytes()
    assert b"Canary-1-7c1f" not in data
    assert (b"Canary-0-7c1f" in data) == (kind != "value")
    assert holder.forget(order).counts["cached"] == 0


def test_retention_ages_the_cache(lake, cache, tmp_path):
    cache.put({}, QUESTION, Answer("c1", 0, text="Canary-old-7c1f"))
    cache.close()
    folder = tmp_path / "home" / "cache"
    assert caches.age_cached(folder, "") == 0
    assert caches.age_cached(folder, "2020-01-01") == 0
    assert caches.age_cached(folder, "2999-01-01") == 1
    assert b"Canary-old" not in (folder / caches.FILE).read_bytes()


# Ctrl-C


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_keeps_what_was_answered_and_says_how_to_go_on(lake, tmp_path, times):
    (tmp_path / "slow_bot.py").write_text(
        "import asyncio\nasked = []\n"
        "async def answer(question, last=60):\n"
        "    asked.append(question.case_id)\n"
        "    if len(asked) == 4: print('ready', flush=True)\n"
        "    await asyncio.sleep(0.5 if len(asked) <= 4 else 0) if len(asked) != 4 else await asyncio.sleep(last)\n"
        "    return 'It is word1.'\n"
    )
    target = {"kind": "callable", "function": "slow_bot:answer", "limits": {"concurrency": 4}}
    target["settings"] = {"last": 60 if times == 2 else 1}
    (tmp_path / "slow.yml").write_text(json.dumps(target))
    script = tmp_path / "go.py"
    script.write_text(
        textwrap.dedent(f"""
        import signal, sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background of a shell ignores it
        from pathlib import Path
        from tests.unit.test_eval_robust import Same, VERSION
        from goldworks.evaluation.run import run
        from goldworks.evaluation.suites import load_suite
        from goldworks.evaluation.targets import load_target
        from goldworks.lake import Lake
        suite = load_suite(Path({str(ROOT)!r}) / "expectations/suites/chat.yml")
        try:
            run(Lake(Path({str(lake.home)!r})), VERSION, suite, load_target(Path({str(tmp_path / "slow.yml")!r})),
                occasion="o", redactor=Same())
        except KeyboardInterrupt as interrupt:
            print(interrupt, flush=True)
            sys.exit(130)
        """)
    )
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout.readline() == "ready\n"
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.7)
    said = process.communicate(timeout=30)[0]
    assert process.returncode == 130
    kept = 4 if times == 1 else 3  # asked once, those in flight are waited for; asked twice, they are given up
    assert said.strip() == f"{kept} of {CASES} answers are kept"
    with open_journal(lake.home, next((lake.home / "runs").iterdir()).name) as journal:
        assert len(journal.answered) == kept
    (row,) = lake.rows("evals.runs")
    assert row["status"] == "inconclusive"


def test_an_erasure_makes_no_run_complete_that_was_killed_before_it_was_scored(lake, suite, target):
    done = run(lake, VERSION, suite, target("right"), occasion="o", redactor=Same())
    where = {"run_id": done.row["run_id"]}
    (row,) = lake.rows("evals.runs", where=[("run_id", "=", where["run_id"])])
    lake.replace("evals.runs", [{**row, "status": "inconclusive"}], where)  # as it stands until the scores are written
    lake.replace("evals.scores", [], where)
    scope = Scope(cases=("case002", "case003"), runs=(done.row["run_id"],))
    order = msgspec.structs.replace(new_order("conversation", ["x"], "p"), scope=scope, is_located=True)
    Evaluations(lake, Same()).forget(order)
    (left,) = lake.rows("evals.runs", where=[("run_id", "=", where["run_id"])])
    assert (left["status"], left["answers"]) == ("inconclusive", CASES - 2)
