"""`goldworks redact`: files and pipes, what is explained, and the leak audit from its sample to its rate."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_logs import write_log

from goldworks.errors import InputError
from goldworks.forgetting.leak_audits import LeakAudits
from goldworks.lake import Lake
from goldworks.orders import Scope, new_order
from goldworks.redaction import Redactor, load_redactor
from goldworks.redaction.plain import redact_text, redact_values
from goldworks.review import leak_audit
from goldworks.review.leak_sheet import read_sheet, write_sheet
from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main

Run = Callable[..., tuple[int, str, str]]
POLICY = PROJECT_ROOT / "expectations" / "policies" / "redaction.yml"


@pytest.fixture
def goldworks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name, value in {"HOME": str(tmp_path / "home"), "NAMES": "off", "WORKERS": "0"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", value)
    monkeypatch.setenv("DAGSTER_HOME", "set here so that it is reset")

    def run(*arguments: str, piped: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped.encode())))
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def redactor() -> Redactor:
    return load_redactor(POLICY, b"k" * 32, "off")


@pytest.mark.parametrize("form", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_how_a_file_is_read(goldworks: Run, tmp_path: Path, form: str):
    for name, said in (("mail.txt", "Grüße, rosa@posteo.example"), ("mail.jsonl", '{"email": "rosa@posteo.example"}')):
        (tmp_path / name).write_bytes(said.encode(form))
        code, out, _ = goldworks("redact", str(tmp_path / name))
        assert (code, "<EMAIL_ADDRESS_1>" in out, "rosa" in out, "\ufeff" in out) == (0, True, False, False)


def test_a_pipe_is_redacted_and_explained_without_a_home(goldworks: Run, tmp_path: Path):
    code, out, err = goldworks("redact", "--explain", piped="first\nmail rosa@posteo.example or 212-555-0146\n")
    assert (code, out) == (0, "first\nmail <EMAIL_ADDRESS_1> or <PHONE_NUMBER_1>\n")
    assert "email" in err
    assert "2 values replaced" in err
    assert "rosa@posteo.example" not in err
    assert not (tmp_path / "home").exists()


def test_json_lines_keep_their_types_and_each_is_its_own_conversation(goldworks: Run, tmp_path: Path):
    file = tmp_path / "in.jsonl"
    file.write_text('{"phone": 2125550146, "email": "a@posteo.example"}\n\n{"email": "b@posteo.example"}\n')
    code, out, _ = goldworks("redact", str(file))
    assert (code, [json.loads(line) for line in out.splitlines()]) == (
        0,
        [{"phone": 0, "email": "<EMAIL_ADDRESS_1>"}, {"email": "<EMAIL_ADDRESS_1>"}],
    )
    _, out, _ = goldworks("redact", str(file), "--as-one")
    assert "<EMAIL_ADDRESS_2>" in out


def test_what_is_no_json_is_named_by_its_line_and_not_shown(goldworks: Run, tmp_path: Path):
    file = tmp_path / "in.jsonl"
    file.write_text('{"a": 1}\n{"email": rosa@posteo.example}\n')
    code, out, err = goldworks("redact", str(file))
    assert (code, out) == (1, "")
    assert "line 2: not JSON" in err
    assert "rosa@posteo.example" not in err


def test_what_could_not_be_processed_shows_in_the_exit_code(goldworks: Run):
    code, out, error = goldworks("redact", "--form", "jsonl", piped='{"text": "hello"}\n{"n": 123456789012345678901234567890}\n')
    assert code == 3
    assert "WITHHELD" in out
    assert "hello" in out
    assert "1 parts could not be processed" in error


def test_a_file_that_is_not_there_is_named(goldworks: Run, tmp_path: Path):
    code, _, err = goldworks("redact", str(tmp_path / "absent.txt"))
    assert (code, "absent.txt: No such file" in err) == (1, True)


LINES = st.lists(st.sampled_from(["mail rosa@posteo.example", "", "x 212-555-0146 y", "a 😀 rosa@posteo.example 212-555-0146"]))


@given(LINES, st.booleans())
def test_what_is_explained_stands_where_it_says(lines: list[str], ends: bool):
    text = "\n".join(lines) + "\n" * ends
    done = redact_text(redactor(), text)
    shown = done.value.split("\n")
    assert [shown[one.line - 1][one.start : one.end] for one in done.explained] == [one.token for one in done.explained]
    assert len(done.explained) == sum(line.count("@") + line.count("555") for line in lines)


def test_a_long_text_is_worked_on_in_blocks_and_is_one_conversation():
    line = "an ordinary line of text that holds nothing at all\n"
    text = "rosa@posteo.example\n" + line * 12_000 + "again rosa@posteo.example"
    done = redact_text(redactor(), text)
    assert done.value == text.replace("rosa@posteo.example", "<EMAIL_ADDRESS_1>")
    assert [one.line for one in done.explained] == [1, 12_002]


def test_values_are_answered_in_order_over_batches():
    values: list[Any] = [{"n": number, "email": f"u{number}@posteo.example"} for number in range(450)]
    done = [*redact_values(redactor(), values)]
    assert [one.value["n"] for one in done] == list(range(450))
    assert [one.explained[0].line for one in done] == list(range(1, 451))


# the leak audit


@pytest.fixture
def taken(goldworks: Run, tmp_path: Path) -> Lake:
    from goldworks.home import open_home
    from goldworks.intake.policy import load_intake_policy
    from goldworks.intake.take import Source, take

    records = [
        json.dumps(
            {
                "id": f"r{number}",
                "created": 1_780_000_000 + number,
                "model": "m",
                "metadata": {"conversation_id": f"c{number // 2}"},
                "messages": [{"role": "user", "content": f"question {number} of rosa@posteo.example"}],
                "response": {"choices": [{"message": {"role": "assistant", "content": f"=answer {number}"}}]},
            }
        )
        for number in range(10)
    ]
    write_log(tmp_path / "logs", "2026-11-01.jsonl.gz", records)
    home = open_home()
    source = Source(
        str(tmp_path / "logs"), PROJECT_ROOT / "expectations", load_intake_policy(PROJECT_ROOT / "expectations"), "off", 0
    )
    take(home.lake, source, home.key)
    return home.lake


def test_the_sample_is_the_same_for_a_seed_and_another_for_another(taken: Lake):
    first = leak_audit.draw(taken, 6, 1)
    assert leak_audit.draw(taken, 6, 1) == first
    assert len({item.message_id for item in first.items}) == 6
    assert {i.message_id for i in leak_audit.draw(taken, 6, 2).items} != {i.message_id for i in first.items}
    assert first.population == taken.read("logs.messages", ["message_id"]).num_rows


def test_judgments_give_a_rate_with_an_interval_and_what_is_not_judged_is_missing(taken: Lake):
    audit = leak_audit.draw(taken, 8, 1)
    assert leak_audit.leak_rate(audit).value is None
    said = {item.message_id: ("leak" if index == 0 else "clean", ("PERSON",)) for index, item in enumerate(audit.items[:4])}
    estimate = leak_audit.leak_rate(leak_audit.judge(taken, audit, said, "rosa"))  # type: ignore[arg-type]
    assert (estimate.value, estimate.n, estimate.n_missing) == (0.25, 4, 4)
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < 0.25 < estimate.high
    assert leak_audit.leak_rate(leak_audit.draw(taken, 8, 1)).n == 4, "judgments were kept"


def test_an_audit_holds_no_text_and_can_be_read_by_its_owner_only(taken: Lake):
    leak_audit.draw(taken, 8, 1)
    [path] = (taken.home / "audits").glob("*.json")
    assert "question" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_items_of_an_erased_conversation_leave_the_audit(taken: Lake):
    audit = leak_audit.draw(taken, 100, 1)
    gone = audit.items[0].conversation_id
    order = new_order("conversation", [gone], "1")
    order = msgspec.structs.replace(order, scope=Scope(conversations=(gone,)))
    removed = sum(item.conversation_id == gone for item in audit.items)
    assert LeakAudits(taken).forget(order).counts == {"items": removed}
    assert LeakAudits(taken).forget(order).counts == {"items": 0}, "asked again, it ends the same"
    assert gone not in {item.conversation_id for item in leak_audit.draw(taken, 100, 1).items}


def test_a_sheet_goes_out_and_its_judgments_come_back(taken: Lake, tmp_path: Path, goldworks: Run):
    sheet = tmp_path / "sheet.csv"
    code, _, _ = goldworks("redact", "audit", "--messages", "50", "--sheet", str(sheet))
    assert code == 0
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    rows = list(csv.DictReader(sheet.read_text().splitlines(keepends=True)))
    assert not any(row["text"].startswith("=") for row in rows), "a spreadsheet would take it for a formula"
    rows[0] |= {"leak": "Yes", "types": "person, phone_number"}
    for row in rows[1:5]:
        row["leak"] = "no"
    with sheet.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    code, out, _ = goldworks("redact", "audit", "--messages", "50", "--read", str(sheet), "--by", "Rosa", "--json")
    found = json.loads(out)
    assert (code, found["judged"], found["leak_rate"]["value"]) == (0, 5, 0.2)
    assert found["kinds"] == {"PERSON": 1, "PHONE_NUMBER": 1}


def test_a_sheet_with_a_wrong_answer_is_refused_by_line_and_changes_nothing(taken: Lake, tmp_path: Path):
    audit = leak_audit.draw(taken, 5, 1)
    sheet = tmp_path / "sheet.csv"
    write_sheet(taken, audit, sheet)
    with pytest.raises(InputError, match="is there already"):
        write_sheet(taken, audit, sheet)
    sheet.write_text("message_id,role,text,leak,types\nm,user,x,perhaps,\n")
    with pytest.raises(InputError, match="line 2: leak: not an answer"):
        read_sheet(sheet)
    sheet.write_text("message_id,text\nm,x\n")
    with pytest.raises(InputError, match="no column leak, types"):
        read_sheet(sheet)
    with pytest.raises(InputError, match="not of the audit"):
        leak_audit.judge(taken, audit, {"foreign": ("clean", ())}, "rosa")
    assert leak_audit.find(taken, audit.audit_id) == audit
