"""Whole runs on a small lake: resuming, missing answers, redaction before the journal, comparing, the page, the commands."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from goldworks.errors import BusyError, InputError, PolicyError
from goldworks.evaluation.answers import Answer, Call, Question
from goldworks.evaluation.compare import compare
from goldworks.evaluation.journal import open_journal
from goldworks.evaluation.report import summary_page
from goldworks.evaluation.run import run
from goldworks.evaluation.suites import Suite, load_suite
from goldworks.evaluation.targets import load_target
from goldworks.home import Home
from goldworks.lake import Lake
from goldworks.redaction import RedactedDocument, RedactedField

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
VERSION = "shop-0123456789ab"


def case_row(number: int, **changes):
    row = {
        "version_id": VERSION,
        "case_id": f"case{number:03}",
        "use_case": "shop",
        "tier": "T2",
        "intent": None,
        "origin": "production",
        "tags": [],
        "messages": [{"role": "system", "text": "Be brief."}, {"role": "user", "text": f"question {number}?"}],
        "passages": [{"id": "p", "text": f"The answer to question {number} is word{number}."}],
        "tools": [{"name": "look_up"}],
        "expected": {"reference": f"word{number}", "facts_required": [f"word{number}"]},
        "parents": [],
        "conversation_id": f"conv{number // 2}",
        "trace_id": f"trace{number}",
        "release": "1.0",
        "source": None,
        "line": None,
        "case_digest": f"digest{number}",
        **changes,
    }
    texts = ("messages", "passages", "tools", "expected")
    return {**row, **{name: orjson.dumps(row[name]).decode() for name in texts}}


def write_version(lake: Lake, count: int, version: str = VERSION, **changes) -> None:
    rows = [case_row(number, version_id=version, **changes) for number in range(count)]
    lake.replace("golden.cases", rows, {"version_id": version})
    lake.upsert(
        "golden.versions",
        [
            {
                "version_id": version,
                "use_case": "shop",
                "content_digest": version,
                "parent_version_id": None,
                "cases": count,
                "approvers": ["a"],
                "owner": "o",
                "minted_at": NOW,
                "current_at": NOW,
                "is_tombstone": False,
            }
        ],
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path)
    write_version(lake, 6)
    return lake


@pytest.fixture
def suite() -> Suite:
    return load_suite(ROOT / "expectations" / "suites" / "rag.yml")


class Masks:
    """A redactor for tests: the word `Quillon` becomes <PERSON_1>."""

    def redact(self, documents):
        def mask(value):
            return json.loads(re.sub("Quillon", "<PERSON_1>", json.dumps(value)))

        return [
            RedactedDocument(d.conversation_id, tuple(RedactedField(f.owner, f.name, mask(f.value), ()) for f in d.fields))
            for d in documents
        ]


MODULE = """
import asyncio, os
from goldworks.evaluation.answers import Call, NoAnswer, Reply

asked = []

def number(question):
    return int(question.messages[-1]["text"].split()[1].rstrip("?"))

def right(question):
    asked.append(question.case_id)
    return f"It is word{number(question)}, says Quillon."

async def mostly(question, wrong=()):
    await asyncio.sleep(0)
    n = number(question)
    return "No idea at all." if n in wrong else Reply(text=f"It is word{n}.", tool_calls=(Call("look_up", {"q": "Quillon"}),))

def failing(question):
    asked.append(question.case_id)
    if number(question) == 2:
        raise ValueError("Quillon words")
    return f"It is word{number(question)}."

def nothing(question):
    return None

def odd(question):
    n = number(question)
    if n > 2:
        return f"It is word{n}."
    return Reply(text=("\\ud800", 5, "fine")[n], tool_calls=(Call("look_up", object()),) if n == 2 else ())

def declining(question):
    return "I do not know." if number(question) < 2 else right(question)

async def slow(question):
    await asyncio.sleep(60)
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    name = f"shop_bot_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(function: str, **more):
        path = tmp_path / f"{function}.yml"
        path.write_text(json.dumps({"kind": "callable", "function": f"{name}:{function}", **more}))
        return load_target(path)

    make.module = lambda: __import__(name)
    return make


def everything_written(folder: Path) -> bytes:
    """All bytes below a folder, with Parquet and Delta decoded by reading the tables."""
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc", ".parquet")]
    lake = Lake(folder)
    found += [str(lake.rows(key)).encode() for key in ("evals.runs", "evals.answers", "evals.scores")]
    return b"\n".join(found)


def test_a_run_writes_redacted_answers_scores_and_its_row(lake, suite, target):
    seen = []
    result = run(
        lake,
        VERSION,
        suite,
        target("right"),
        occasion="release:2.0",
        release="2.0",
        redactor=Masks(),
        progress=lambda *n: seen.append(n),
    )
    assert result.is_new
    assert (result.row["status"], result.row["cases"], result.row["answers"], result.row["missing"]) == ("complete", 6, 6, 0)
    assert result.estimates["facts_required"].value == 1.0
    assert result.estimates["facts_required"].n_clusters == 3
    assert result.estimates["facts_forbidden"].reason == "n_zero"
    assert result.label == "2.0 · rag · 01234567"
    assert seen[-1] == (6, 6, 0)
    texts = lake.read("evals.answers", ["text"]).column(0).to_pylist()
    assert "It is word3, says <PERSON_1>." in texts
    assert b"Quillon" not in everything_written(lake.home)
    assert [path.read_bytes() for path in (lake.home / "runs").rglob("answers.jsonl")] == [b""]


def test_the_same_occasion_is_done_and_another_asks_anew(lake, suite, target):
    bot = target("right")
    first = run(lake, VERSION, suite, bot, occasion="release:2.0", redactor=Masks())
    count = len(target.module().asked)
    again = run(lake, VERSION, suite, bot, occasion="release:2.0", redactor=Masks())
    assert (again.run_id, again.is_new, len(target.module().asked)) == (first.run_id, False, count)
    assert again.estimates == first.estimates
    other = run(lake, VERSION, suite, bot, occasion="again:1", redactor=Masks())
    assert other.run_id != first.run_id
    assert other.row["config_digest"] == first.row["config_digest"]
    assert len(target.module().asked) == 2 * count


def test_another_suite_scores_the_same_answers_without_a_call(lake, suite, target):
    bot = target("right")
    first = run(lake, VERSION, suite, bot, occasion="release:2.0", redactor=Masks())
    count = len(target.module().asked)
    chat = load_suite(ROOT / "expectations" / "suites" / "chat.yml")
    second = run(lake, VERSION, chat, bot, occasion="release:2.0", redactor=Masks())
    assert second.run_id != first.run_id
    assert second.estimates["contains"].value == 1.0
    assert len(target.module().asked) == count


def test_answers_of_a_run_cut_short_serve_another_suite(lake, suite, target):
    class CutShort(Exception):
        pass

    def stop_after_four(done, wanted, failed):
        if done == 4:
            raise CutShort

    bot = target("right", limits={"concurrency": 1})
    with pytest.raises(ExceptionGroup):
        run(lake, VERSION, suite, bot, occasion="o", redactor=Masks(), progress=stop_after_four)
    chat = load_suite(ROOT / "expectations" / "suites" / "chat.yml")
    assert run(lake, VERSION, chat, bot, occasion="o", redactor=Masks()).is_complete
    assert sorted(target.module().asked) == [f"case{number:03}" for number in range(6)]


def test_what_a_program_returns_is_checked(lake, suite, target):
    result = run(lake, VERSION, suite, target("odd"), occasion="o", redactor=Masks())
    errors = {row["case_id"]: row["error"] for row in lake.rows("evals.answers") if row["status"] == "error"}
    assert errors == {"case000": "returned_no_json", "case001": "returned_no_json", "case002": "returned_no_json"}
    assert (result.row["answers"], result.row["missing"]) == (3, 3)


def test_a_run_in_which_nothing_can_be_measured_says_so(lake, suite, target):
    write_version(lake, 6, passages=[], expected={})
    agent = load_suite(ROOT / "expectations" / "suites" / "agent.yml")
    result = run(lake, VERSION, agent, target("right"), occasion="o", redactor=Masks())
    assert result.nothing_measured.startswith("nothing was measured: no case says what is expected")
    assert result.unmeasured == list(result.estimates)
    assert "Nothing was measured: no case says what is expected" in summary_page(lake, result, ROOT / "expectations")


def test_infrastructure_errors_are_missing_never_zero_and_are_asked_again(lake, suite, target):
    result = run(lake, VERSION, suite, target("failing"), occasion="release:2.0", redactor=Masks())
    assert (result.row["status"], result.row["answers"], result.row["missing"]) == ("inconclusive", 5, 1)
    assert (result.estimates["token_f1"].n, result.estimates["token_f1"].n_missing) == (5, 1)
    (error,) = [row for row in lake.rows("evals.answers") if row["status"] == "error"]
    assert (error["case_id"], error["error"], error["text"]) == ("case002", "exception:ValueError", None)
    scores = {row["metric"]: row for row in lake.rows("evals.scores") if row["case_id"] == "case002"}
    assert (scores["token_f1"]["value"], scores["token_f1"]["reason"]) == (None, "missing_answer")
    assert scores["facts_forbidden"]["reason"] == "not_applicable"
    assert b"Quillon" not in everything_written(lake.home)
    target.module().asked.clear()
    run(lake, VERSION, suite, target("failing"), occasion="release:2.0", redactor=Masks())
    assert target.module().asked == ["case002"]


def test_time_limit_and_wrong_return_are_infrastructure_errors(lake, suite, target):
    limits = {"attempt_seconds": 0.05}
    slow = run(lake, VERSION, suite, target("slow", limits=limits), occasion="o", redactor=Masks())
    assert {row["error"] for row in lake.rows("evals.answers", where=[("run_id", "=", slow.run_id)])} == {"timeout"}
    nothing = run(lake, VERSION, suite, target("nothing"), occasion="o", redactor=Masks())
    assert {row["error"] for row in lake.rows("evals.answers", where=[("run_id", "=", nothing.run_id)])} == {"returned_NoneType"}
    assert nothing.estimates["token_f1"].reason == "n_zero"


def test_repeats_are_averaged_per_case(lake, suite, target):
    result = run(lake, VERSION, suite, target("mostly", settings={"wrong": [1, 4]}), occasion="o", repeats=3, redactor=Masks())
    assert (result.row["cases"], result.row["answers"]) == (6, 18)
    assert result.estimates["facts_required"].n == 6
    assert result.estimates["facts_required"].value == pytest.approx(4 / 6)
    (calls,) = {row["tool_calls"] for row in lake.rows("evals.answers") if row["case_id"] == "case000"}
    assert orjson.loads(calls) == [{"name": "look_up", "arguments": {"q": "<PERSON_1>"}}]


def test_a_live_target_without_redactor_is_refused(lake, suite, target):
    with pytest.raises(ValueError, match="redact"):
        run(lake, VERSION, suite, target("right"), occasion="o")
    with pytest.raises(InputError, match="no golden version"):
        run(lake, "shop-000", suite, target("right"), occasion="o", redactor=Masks())


def test_the_target_does_not_see_what_is_expected():
    assert "expected" not in Question.__struct_fields__


def test_journal_cuts_a_half_written_line_and_is_locked(tmp_path):
    with open_journal(tmp_path, "r1") as journal:
        journal.add(Answer("a", 0, text="one"))
        journal.add(Answer("b", 0, text="two", tool_calls=(Call("t", {"x": 1}),)))
        with pytest.raises(BusyError), open_journal(tmp_path, "r1"):
            pass
    path = tmp_path / "runs" / "r1" / "answers.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    with open_journal(tmp_path, "r1") as journal:
        assert list(journal.answers) == [("a", 0)]
        journal.add(Answer("c", 1, text="three"))
    with open_journal(tmp_path, "r1") as journal:
        assert list(journal.answers) == [("a", 0), ("c", 1)]


@pytest.mark.parametrize("point", ["evals.answer_journalled", "evals.before_run_row"])
def test_killed_run_resumes_without_asking_again(lake, suite, tmp_path, point):
    (tmp_path / "killed_bot.py").write_text(
        "import pathlib\n"
        "def answer(question, log):\n"
        "    with pathlib.Path(log).open('a') as out: out.write(question.case_id + '\\n')\n"
        "    return 'It is word1.'\n"
    )
    log = tmp_path / "asked.txt"
    settings = {"kind": "callable", "function": "killed_bot:answer", "settings": {"log": str(log)}, "limits": {"concurrency": 1}}
    (tmp_path / "killed.yml").write_text(json.dumps(settings))
    script = tmp_path / "go.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}, {str(Path(__file__).parent)!r}]
        from pathlib import Path
        from goldworks.evaluation.run import run
        from goldworks.evaluation.suites import load_suite
        from goldworks.evaluation.targets import load_target
        from goldworks.lake import Lake
        from goldworks.redaction import RedactedDocument, RedactedField
        class Same:
            def redact(self, documents):
                return [RedactedDocument(d.conversation_id, tuple(RedactedField(f.owner, f.name, f.value, ()) for f in d.fields))
                        for d in documents]
        suite = load_suite(Path({str(ROOT)!r}) / "expectations/suites/rag.yml")
        target = load_target(Path({str(tmp_path / "killed.yml")!r}))
        result = run(Lake(Path({str(tmp_path)!r})), {VERSION!r}, suite, target, occasion="o", redactor=Same())
        print(result.row["status"], result.row["answers"])
        """)
    )
    environment = {**os.environ, "GOLDWORKS_FAULT": point}
    killed = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    before = log.read_text().split()
    (cut_short,) = lake.rows("evals.runs")  # visible, and not taken for done
    assert (cut_short["status"], cut_short["cases"], cut_short["missing"]) == ("inconclusive", 6, 6)
    del environment["GOLDWORKS_FAULT"]
    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, check=True)
    assert done.stdout.split() == [b"complete", b"6"]
    assert sorted(log.read_text().split()) == [f"case{number:03}" for number in range(6)]
    assert len(before) == (1 if point == "evals.answer_journalled" else 6)
    assert lake.read("evals.scores").num_rows == 6 * len(load_suite(ROOT / "expectations" / "suites" / "rag.yml").metrics)
    assert [(row["status"], row["missing"]) for row in lake.rows("evals.runs")] == [("complete", 0)]


# Comparing


def two_runs(lake, suite, target, wrong=(1,)):
    base = run(
        lake,
        VERSION,
        suite,
        target("mostly", settings={"wrong": [0, 1, 2, 3]}),
        occasion="release:1.0",
        release="1.0",
        redactor=Masks(),
    )
    new = run(
        lake, VERSION, suite, target("mostly", settings={"wrong": wrong}), occasion="release:2.0", release="2.0", redactor=Masks()
    )
    return base, new


def test_compare_pairs_the_common_cases(lake, suite, target):
    base, new = two_runs(lake, suite, target)
    found = compare(lake, "1.0", new.run_id[:10])
    assert (found.is_paired, found.common, found.base["run_id"]) == (True, 6, base.run_id)
    metric = {m.metric: m for m in found.metrics}["facts_required"]
    assert metric.difference.value == pytest.approx(0.5)
    assert metric.difference.n == 6
    assert metric.difference.method.startswith("paired")
    assert found.warnings == ()


def test_compare_says_which_cases_a_metric_leaves_out(lake, suite, target):
    run(lake, VERSION, suite, target("right"), occasion="o", release="1.0", redactor=Masks())
    run(lake, VERSION, suite, target("declining"), occasion="o", release="2.0", redactor=Masks())
    found = compare(lake, "1.0", "2.0")
    assert (
        "lexical_support: 2 common cases have a value in one of the runs only and are left out of its difference"
        in found.warnings
    )
    metrics = {metric.metric: metric for metric in found.metrics}
    assert (metrics["lexical_support"].difference.n, metrics["answered"].difference.n) == (4, 6)
    assert metrics["answered"].candidate.value == pytest.approx(4 / 6)


def test_compare_names_the_metrics_of_one_run_only(lake, suite, target):
    agent = load_suite(ROOT / "expectations" / "suites" / "agent.yml")
    run(lake, VERSION, suite, target("right"), occasion="o", release="1.0", redactor=Masks())
    run(lake, VERSION, agent, target("right"), occasion="o", release="2.0", redactor=Masks())
    found = compare(lake, "1.0", "2.0")
    assert {"facts_required", "refusal"} <= {metric.metric for metric in found.metrics}
    [left_out] = [warning for warning in found.warnings if "one of the runs has" in warning]
    assert "lexical_support" in left_out
    assert "tool_calls_match" in left_out
    assert "facts_required" not in left_out


def test_compare_of_different_cases_is_unpaired_and_says_so(lake, suite, target):
    run(lake, VERSION, suite, target("right"), occasion="o", release="1.0", redactor=Masks())
    write_version(lake, 6, "shop-ffff", case_digest="edited")
    run(lake, "shop-ffff", suite, target("right"), occasion="o", release="2.0", redactor=Masks())
    found = compare(lake, "1.0", "2.0")
    assert (found.is_paired, found.common) == (False, 0)
    assert any("unpaired" in warning for warning in found.warnings)
    assert any("golden versions" in warning for warning in found.warnings)
    assert all(m.difference.method.startswith("unpaired") for m in found.metrics)


def test_compare_holds_no_live_answers_against_recorded_ones_unasked(lake, suite, target):
    base, new = two_runs(lake, suite, target)
    later = run(lake, VERSION, suite, target("right"), occasion="later", release="2.0", redactor=Masks())
    row = {**later.row, "target_kind": "recorded"}
    lake.replace("evals.runs", [row], {"run_id": later.run_id})
    found = compare(lake, "1.0", "2.0")
    assert (found.base["run_id"], found.candidate["run_id"], found.warnings) == (base.run_id, new.run_id, ())
    assert "live answers are held against recorded ones" in compare(lake, "1.0", later.run_id).warnings


def test_compare_names_what_it_cannot_find(lake, suite, target):
    two_runs(lake, suite, target)
    with pytest.raises(InputError, match="no run or release 'zzz'"):
        compare(lake, "zzz", "1.0")
    with pytest.raises(InputError, match="several runs"):
        compare(lake, "", "1.0")


def test_the_page_is_self_contained_and_escapes(lake, suite, target):
    write_version(lake, 6, messages=[{"role": "user", "text": "question 1 <script>alert(1)</script> &"}])
    _, new = two_runs(lake, suite, target, wrong=(0, 1, 2, 3, 4, 5))
    page = summary_page(lake, new, ROOT / "expectations")
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in page, "the page's own script runs, and no other"
    assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in page
    assert "Difference to 1.0" in page
    assert not re.search(r"(?:src|href)\s*=|url\(|@import|http://|https://", page)
    assert "facts_required" in page
    assert "0 of 3: at most" in page


# Policies


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        (
            "metrics:\n- {metric: a, scorer: exakt, kpi: k}",
            "x.yml:4: metrics.0: .*no scorer 'exakt'\n.*one of .*answered, ",
        ),
        ("metrics:\n- {metric: a, scorer: facts, kpi: k}", "x.yml:4: metrics.0: .*settings.which: Field required"),
        (
            "metrics:\n- {metric: a, scorer: exact, kpi: k, setings: {}}",
            "x.yml:4: metrics.0.setings: unknown key; did you mean 'settings'",
        ),
        ("metrics:\n- {metric: a, scorer: exact, kpi: k}\n- {metric: a, scorer: exact, kpi: k}", "metric named twice: a"),
        ("metrics: []", "x.yml:3: metrics"),
    ],
)
def test_a_broken_suite_is_refused_with_its_place(tmp_path, yaml, message):
    path = tmp_path / "x.yml"
    path.write_text(f"version: 1\nname: s\n{yaml}\ndescription: d\n")
    with pytest.raises(PolicyError, match=message):
        load_suite(path)


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("kind: recordd", "no target kind 'recordd'"),
        ("kind: openai_chat\nbase_url: ftp://x\nmodel: m", "x.yml:2: base_url"),
        ("kind: openai_chat\nbase_url: http://x\nmodel: m\napi_key_env: sk-123", "x.yml:4: api_key_env"),
        ("kind: openai_chat\nbase_url: http://x\nmodel: m\nsystem: '{% for %}'", "x.yml:4: system: .*not a template"),
        ("kind: callable\nfunction: os.system", "x.yml:2: function"),
        ("- 1", "x.yml"),
    ],
)
def test_a_broken_target_is_refused_with_its_place(tmp_path, yaml, message):
    path = tmp_path / "x.yml"
    path.write_text(yaml)
    with pytest.raises((PolicyError, InputError), match=message):
        load_target(path)


def test_shipped_suites_and_targets_load():
    for path in sorted((ROOT / "expectations" / "suites").glob("*.yml")):
        assert load_suite(path).name == path.stem
    for path in sorted((ROOT / "expectations" / "targets").glob("*.yml")):
        assert load_target(path).name == path.stem


# Commands


@pytest.fixture
def command(lake, tmp_path, monkeypatch):
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path))
    for name in ("DAGSTER_HOME", "MLFLOW_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, os.environ.get(name, "x"))  # so that what the command sets is undone
    from pipelines import eval_commands

    monkeypatch.setattr(Home, "redactor", Masks())
    return lambda *arguments: CliRunner().invoke(eval_commands.app, list(arguments), catch_exceptions=False)


def test_commands_run_list_and_compare(command, target, tmp_path):
    target("mostly")
    target("failing")
    options = ("--use-case", "shop", "--suite", "rag", "--no-track", "--json")
    done = command("run", *options, "--target", str(tmp_path / "mostly.yml"), "--release", "1.0")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["status"], report["occasion"], report["metrics"]["facts_required"]["value"]) == (
        "complete",
        "release:1.0",
        1.0,
    )
    with_a_gap = command("run", *options, "--target", str(tmp_path / "failing.yml"), "--release", "2.0", "--again", "1")
    assert with_a_gap.exit_code == 3
    assert json.loads(with_a_gap.stdout)["occasion"] == "release:2.0/again:1"
    table = command("run", *options[:-1], "--target", str(tmp_path / "mostly.yml"), "--release", "1.0")
    assert "was done before" in table.output
    assert {row["release"] for row in json.loads(command("list", "--json").stdout)} == {"1.0", "2.0"}
    assert "1.0" in command("list").output
    compared = json.loads(command("compare", "1.0", "2.0", "--json").stdout)
    assert compared["is_paired"]
    assert {m["metric"] for m in compared["metrics"]} >= {"token_f1", "refusal"}
    assert "inconclusive" in command("compare", "1.0", "2.0").output


def test_a_release_with_a_file_is_asked_as_its_file_says(command, target, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "expectations", tmp_path / "expectations")
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(tmp_path / "expectations"))
    target("mostly")
    shutil.move(tmp_path / "mostly.yml", tmp_path / "expectations" / "targets" / "mostly.yml")
    file = "{version: 1, use_case: shop, release: '1.0', released_on: 2026-10-01, target: mostly, suites: [rag]}"
    (tmp_path / "expectations" / "releases" / "shop-1.0.yml").write_text(file)
    done = command("run", "--use-case", "shop", "--release", "1.0", "--no-track", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["metrics"]["facts_required"]["value"] == 1.0


def test_commands_explain_what_is_absent(command):
    with pytest.raises(InputError, match=r"no 'zzz' in .*suites.*\n.*agent, .*chat, .*rag"):
        command("run", "--use-case", "shop", "--suite", "zzz", "--no-track")
    with pytest.raises(InputError, match="no golden version"):
        command("run", "--use-case", "zzz", "--suite", "rag", "--no-track")
    with pytest.raises(InputError, match=r"release 'zzz'.*\n.*none"):
        command("run", "--use-case", "shop", "--suite", "rag", "--target", "recorded", "--release", "zzz", "--no-track")
    assert command("list", "--use-case", "zzz").output.strip() == "No runs of zzz."
