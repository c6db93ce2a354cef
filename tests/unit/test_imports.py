"""Results of promptfoo and Inspect as runs: the files in fixtures/bridges come from these tools themselves."""

from __future__ import annotations

import json
import re
import struct
import zipfile
from pathlib import Path

import orjson
import pytest
from bridge_cases import FOLDER, KEY, VERSION, write_shop
from typer.testing import CliRunner

from goldworks.errors import GoldworksError, InputError
from goldworks.evaluation.compare import compare
from goldworks.evaluation.imports import FORMATS, Imported, import_log
from goldworks.evaluation.imports.matching import CHANGED, NO_ID, TWICE, UNKNOWN, only
from goldworks.evaluation.suites import load_suite
from goldworks.lake import Lake
from goldworks.redaction import RedactedDocument, RedactedField
from goldworks.settings import PROJECT_ROOT

PROMPTFOO, EVAL, JSON = FOLDER / "promptfoo" / "output.json", FOLDER / "inspect" / "shop.eval", FOLDER / "inspect" / "shop.json"
ALL = [("promptfoo", PROMPTFOO), ("inspect", EVAL), ("inspect", JSON)]
ADDRESS = "emmeline.frost@example.com"


class Masks:
    """A redactor for tests: the address of the fixtures becomes a token."""

    def redact(self, documents):
        def mask(value):
            return json.loads(json.dumps(value).replace(ADDRESS, "<EMAIL_ADDRESS_1>"))

        return [
            RedactedDocument(d.conversation_id, tuple(RedactedField(f.owner, f.name, mask(f.value), ()) for f in d.fields))
            for d in documents
        ]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "home")
    write_shop(lake)
    return lake


def bring(lake: Lake, form: str, file: Path, **changes) -> Imported:
    log = only(FORMATS[form](file), None, None)
    return import_log(lake, log, file.read_bytes(), Masks(), KEY, **{"use_case": "shop", **changes})


def altered(tmp_path: Path, change) -> Path:
    """promptfoo's output after `change` of its results."""
    output = json.loads(PROMPTFOO.read_text(encoding="utf-8"))
    change(output["results"]["results"])
    file = tmp_path / "altered.json"
    file.write_text(json.dumps(output), encoding="utf-8")
    return file


@pytest.mark.parametrize(("form", "file"), ALL)
def test_answers_scores_and_errors_of_a_real_run(lake: Lake, form: str, file: Path):
    imported = bring(lake, form, file, release="1.0")
    row = imported.result.row
    assert (row["target_kind"], row["release"], row["version_id"], row["repeats"]) == (form, "1.0", VERSION, 2)
    assert (row["cases"], row["answers"], row["missing"], row["status"]) == (8, 14, 2, "inconclusive")
    assert imported.refused == {}
    assert imported.result.not_covered == 0
    answers = lake.rows("evals.answers", where=[("run_id", "=", row["run_id"])])
    by_case = {(answer["case_id"], answer["repeat"]): answer for answer in answers}
    assert len(by_case) == 16
    assert by_case["shop-down", 1]["status"] == "error"
    assert by_case["shop-down", 1]["error"] == f"{form}_error"
    assert by_case["shop-down", 1]["text"] is None
    assert by_case["shop-returns", 0]["text"].endswith("Ask Emmeline at <EMAIL_ADDRESS_1>.")
    assert by_case["shop-returns", 0]["input_tokens"] == 12
    [call] = orjson.loads(by_case["shop-order", 0]["tool_calls"])
    assert call == {"name": "send_again", "arguments": {"order_id": "HO-10023"}}


def test_promptfoo_scores_are_metrics_of_the_tool(lake: Lake):
    estimates = bring(lake, "promptfoo", PROMPTFOO).result.estimates
    found = {name: (one.value, one.n, one.n_missing, one.is_judge) for name, one in estimates.items()}
    assert found["promptfoo_facts_required"] == (pytest.approx(2 / 3), 3, 0, False)
    assert found["promptfoo_should_refuse"] == (1.0, 1, 0, False)
    assert found["promptfoo_patterns"] == (0.0, 1, 0, False)
    # the grader failed at one case and another has no answer: missing, though promptfoo calls one of them failed
    assert found["promptfoo_tone"] == (1.0, 6, 2, True)


def test_inspect_scores_are_read_as_inspect_reads_them(lake: Lake):
    estimates = bring(lake, "inspect", EVAL).result.estimates
    found = {name: (one.value, one.n, one.n_missing, one.is_judge) for name, one in estimates.items()}
    # Inspect's includes() says C of the three cases without a target: those are not taken
    assert found["inspect_includes"] == (0.75, 4, 1, False)
    assert found["inspect_manners_polite"] == (pytest.approx(0.5 / 7), 7, 1, True)
    assert found["inspect_manners_brief"] == (pytest.approx(6 / 7), 7, 1, True)


def test_a_suite_of_ours_scores_the_answers_and_both_tools_can_be_compared(lake: Lake):
    suite = load_suite(PROJECT_ROOT / "expectations" / "suites" / "chat.yml")
    bring(lake, "promptfoo", PROMPTFOO, release="1.0", suite=suite)
    bring(lake, "inspect", EVAL, release="1.1", suite=suite)
    found = compare(lake, "1.0", "1.1")
    assert found.is_paired
    assert found.common == 8
    [facts] = [one for one in found.metrics if one.metric == "facts_required"]
    assert (facts.base.value, facts.candidate.value, facts.difference.value) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 0)


def test_the_same_file_is_the_same_run_and_another_release_another(lake: Lake):
    first = bring(lake, "inspect", EVAL, release="1.0")
    again = bring(lake, "inspect", EVAL, release="1.0")
    assert (first.result.is_new, again.result.is_new) == (True, False)
    assert again.result.run_id == first.result.run_id
    assert bring(lake, "inspect", EVAL, release="1.1").result.run_id != first.result.run_id
    assert len(lake.rows("evals.runs")) == 2


def test_results_of_no_case_are_counted_and_refused(lake: Lake, tmp_path: Path):
    def change(results):
        results[0]["testCase"]["metadata"] = {}
        results[2]["testCase"]["metadata"]["case_id"] = "somebody-elses"
        results[4]["testCase"]["metadata"]["case_digest"] = "0" * 32

    imported = bring(lake, "promptfoo", altered(tmp_path, change))
    assert imported.refused == {NO_ID: 1, UNKNOWN: 1, CHANGED: 1}
    row = imported.result.row
    # one repeat of three cases is gone: they are missing, not left out
    assert (row["cases"], row["answers"] + row["missing"]) == (8, 16)
    rows = lake.rows("evals.answers", where=[("run_id", "=", row["run_id"]), ("error", "=", "not_in_the_results")])
    assert sorted(answer["case_id"] for answer in rows) == ["shop-braces", "shop-down", "shop-json"]


def test_a_sample_that_came_twice_is_refused_once(lake: Lake, tmp_path: Path):
    log = json.loads(JSON.read_text(encoding="utf-8"))
    log["samples"].append(log["samples"][0])
    file = tmp_path / "twice.json"
    file.write_text(json.dumps(log), encoding="utf-8")
    assert bring(lake, "inspect", file).refused == {TWICE: 1}


def test_cases_that_inspect_never_came_to_are_missing(lake: Lake, tmp_path: Path):
    log = json.loads(JSON.read_text(encoding="utf-8"))
    log["samples"] = [sample for sample in log["samples"] if sample["id"] != "shop-topic" and sample["epoch"] == 1]
    log["samples"][0]["limit"] = {"type": "time", "limit": 60}
    file = tmp_path / "cut.json"
    file.write_text(json.dumps(log), encoding="utf-8")
    row = bring(lake, "inspect", file).result.row
    assert (row["cases"], row["repeats"], row["answers"], row["missing"]) == (8, 2, 5, 11)
    errors = {a["error"] for a in lake.rows("evals.answers", where=[("run_id", "=", row["run_id"])]) if a["status"] == "error"}
    assert errors == {"time_limit", "inspect_error", "not_in_the_results"}


def test_nothing_that_belongs_is_an_error_and_writes_nothing(lake: Lake, tmp_path: Path):
    def change(results):
        for result in results:
            result["testCase"]["metadata"]["case_id"] = "x"

    with pytest.raises(InputError, match="16 results: its case is not in the golden version"):
        bring(lake, "promptfoo", altered(tmp_path, change))
    with pytest.raises(InputError, match="is of the use case shop"):
        bring(lake, "promptfoo", PROMPTFOO, use_case="docs", version=VERSION)
    with pytest.raises(InputError, match="no golden version 'gone'"):
        bring(lake, "promptfoo", PROMPTFOO, version="gone")
    assert lake.rows("evals.runs") == []


def test_a_name_that_is_personal_is_refused_without_being_said(lake: Lake, tmp_path: Path):
    def change(results):
        for result in results:
            for one in (result["gradingResult"] or {}).get("componentResults") or []:
                if one["assertion"].get("metric") == "tone":
                    one["assertion"]["metric"] = f"as {ADDRESS} likes it"

    with pytest.raises(InputError, match="check 1") as caught:
        bring(lake, "promptfoo", altered(tmp_path, change))
    assert ADDRESS not in str(caught.value)
    assert lake.rows("evals.runs") == []


def test_one_of_several_assistants_must_be_chosen(lake: Lake, tmp_path: Path):
    def change(results):
        for result in results[::2]:
            result["provider"]["label"] = "other"

    logs = FORMATS["promptfoo"](altered(tmp_path, change))
    with pytest.raises(InputError, match="other with prompt 0, shop-assistant with prompt 0"):
        only(logs, None, None)
    assert len(only(logs, "other", None).results) == 8
    with pytest.raises(InputError, match="no such results"):
        only(logs, "nobody", None)


def cut(tmp_path: Path, file: Path, keep: int) -> Path:
    damaged = tmp_path / f"damaged{file.suffix}"
    damaged.write_bytes(file.read_bytes()[:keep])
    return damaged


@pytest.mark.parametrize(
    ("form", "make", "says"),
    [
        ("promptfoo", lambda t: cut(t, PROMPTFOO, 5000), r"not whole JSON: .* at line \d+, column \d+"),
        ("promptfoo", lambda t: cut(t, EVAL, 5000), r"not UTF-8 at byte \d+|not whole JSON"),
        (
            "promptfoo",
            lambda t: written(t, '{"results": {"version": 3}}'),
            r"required field `results` - at `\$\.results`",
        ),
        ("promptfoo", lambda t: written(t, '{"results": {"version": 2, "results": []}}'), "format version 2; 3 is known"),
        ("promptfoo", lambda t: written(t, '{"a": "\\ud800"}'), "half a character"),
        ("promptfoo", lambda t: written(t, "[" * 100_000), "nested too deep"),
        ("promptfoo", lambda t: t / "absent.json", "cannot read .*: No such file"),
        ("inspect", lambda t: t / "absent.eval", "cannot read .*: No such file"),
        ("inspect", lambda t: cut(t, EVAL, 9000), "not a whole zip file"),
        ("inspect", lambda t: scratched(t, EVAL), r"samples/shop-braces_epoch_1.json: damaged"),
        ("inspect", lambda t: zipped(t, {"a.json": "{}"}), "no log of Inspect"),
        ("inspect", lambda t: zipped(t, {"header.json": "{"}), "header.json: not whole JSON"),
        ("inspect", lambda t: cut(t, JSON, 900), "not whole JSON"),
    ],
)
def test_a_damaged_file_is_an_error_that_names_the_place(tmp_path: Path, form: str, make, says: str):
    with pytest.raises(InputError, match=says) as caught:
        FORMATS[form](make(tmp_path))
    assert caught.value.remedy


def written(folder: Path, text: str) -> Path:
    (folder / "output.json").write_text(text, encoding="utf-8")
    return folder / "output.json"


def zipped(folder: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(folder / "log.eval", "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return folder / "log.eval"


def scratched(folder: Path, file: Path) -> Path:
    """The log with one byte of a sample changed."""
    data = bytearray(file.read_bytes())
    member = zipfile.ZipFile(file).getinfo("samples/shop-braces_epoch_1.json")
    name, extra = struct.unpack("<HH", data[member.header_offset + 26 : member.header_offset + 30])
    data[member.header_offset + 30 + name + extra + member.compress_size // 2] ^= 0xFF
    (folder / "scratched.eval").write_bytes(data)
    return folder / "scratched.eval"


def test_a_log_that_was_never_closed_is_read_from_its_start(lake: Lake, tmp_path: Path):
    from goldworks.evaluation.imports.zipped import open_zip

    with open_zip(EVAL) as archive:
        kept = {name: archive.read(name).decode() for name in archive.names if name != "header.json"}
    assert bring(lake, "inspect", zipped(tmp_path, kept)).result.row["answers"] == 14


def test_the_command_redacts_for_real_and_its_exit_code_says_how_it_went(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from pipelines.cli import app

    for name, value in {"HOME": lake.home, "NAMES": "off"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", str(value))
    monkeypatch.setenv("DAGSTER_HOME", "set by the command, put back after the test")
    monkeypatch.setenv("COLUMNS", "200")
    arguments = ["eval", "import", "--use-case", "shop", "--release", "1.0", "--suite", "chat", "--no-track"]
    result = CliRunner().invoke(app, [*arguments, str(PROMPTFOO), "--format", "promptfoo"])
    assert result.exit_code == 3, (result.output, result.exception)
    assert "8 cases, 14 answers, 2 missing, 0 cases of the version not in the results." in result.output
    texts = [row["text"] or "" for row in lake.rows("evals.answers", ["text"])]
    assert any("<EMAIL_ADDRESS_1>" in text for text in texts)
    assert not any(ADDRESS in path.read_bytes().decode("latin-1") for path in lake.home.rglob("*") if path.is_file())
    again = json.loads(CliRunner().invoke(app, [*arguments, str(PROMPTFOO), "--format", "promptfoo", "--json"]).stdout)
    assert (again["is_new"], again["refused"], again["target_kind"]) == (False, {}, "promptfoo")
    bad = CliRunner().invoke(app, [*arguments, str(cut(tmp_path, PROMPTFOO, 5000)), "--format", "promptfoo"])
    assert isinstance(bad.exception, GoldworksError)
    assert re.search(r"line \d+, column \d+", str(bad.exception))
