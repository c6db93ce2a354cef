"""What an erasure says: beforehand the same as afterwards, in words, and nothing where there was nothing. A user is also known
by the raw id of the logs, which is never shown.
"""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from small_history import KEY, NICKNAME, forgetting, go_on, take_days, write_logs

from goldworks.adapters.events_forgetting import Events
from goldworks.forgetting.asking import order_conversations, order_user, order_value, preview
from goldworks.forgetting.locating import locate
from goldworks.forgetting.values import sought
from goldworks.forgetting.wording import in_words, nothing_in, outcome
from goldworks.golden.read import latest_version, versions, why_gone
from goldworks.lake import Lake
from goldworks.orders import Order, Scope, new_order
from pipelines.cli import main


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_logs(tmp_path / "logs")
    take_days(tmp_path / "home", tmp_path / "logs")
    go_on(tmp_path / "home")
    return tmp_path / "home"


def order_of(home: Path, subject: str) -> Order:
    lake = Lake(home)
    if subject == "user":
        (user,) = {row["user_hash"] for row in lake.rows("logs.turns") if row["conversation_id"] == "conv-d"}
        return order_user(lake, user, "p", None)
    if subject.startswith("conv-"):
        return order_conversations(lake, [subject], "p", None)
    return order_value(lake, sought(subject, {"EMAIL_ADDRESS", "PASSWORD"}, KEY), "p", None)


@pytest.mark.parametrize(
    ("subject", "would", "was"),
    [
        (
            "conv-d",
            "1 conversation would be erased, with everything made of it.",
            "1 conversation was erased, with everything made of it.",
        ),
        (
            "user",
            "2 conversations of the user would be erased, with everything made of them.",
            "2 conversations of the user were erased, with everything made of them.",
        ),
        (
            NICKNAME,
            "The value stands in texts of 2 conversations, and would be replaced by <ERASED_1>.",
            "The value stood in texts of 2 conversations, and was replaced by <ERASED_1>.",
        ),
        (
            "Ann.Lee@example.com",
            "The value stands in no text: it was redacted wherever it came in. The fingerprints that lead to it would be cut.",
            "The value stood in no text: it had been redacted wherever it came in. "
            "The fingerprints that led from there to it were cut.",
        ),
        (
            "nowhere@example.com",
            "The value is found nowhere. Erasing it would keep it from coming in.",
            "The value was found nowhere. Should it come in, it will be redacted.",
        ),
    ],
)
def test_what_would_be_removed_is_what_was_removed(home: Path, subject: str, would: str, was: str):
    desk = forgetting(home)
    order = locate(desk.lake, order_of(home, subject), desk.redactor)
    assert outcome(order, is_done=False) == would
    foreseen = preview(order, desk.holders)
    with desk.alone():
        closed = desk.carry_out(order).order
    assert outcome(closed, is_done=True) == was
    assert in_words(foreseen) == in_words(closed.done)
    assert nothing_in(foreseen) == nothing_in(closed.done)
    assert bool(in_words(foreseen)) == (subject != "nowhere@example.com")


def test_words_leave_out_what_was_not_found_and_places_that_were_not_asked():
    done = {"caches": {"files": 0}, "logs": {"hashes_cut": 2, "turns": 0}, "mlflow": {}, "dagster": {"previews": 0}}
    assert in_words(done) == {"logs": {"fingerprints cut": 2}}
    assert nothing_in(done) == ["Dagster", "caches"]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The command in this process, with what is piped in; (exit code, stdout, stderr)."""
    for name, value in {"HOME": str(home), "KEY": KEY.hex(), "NAMES": "off", "WORKERS": "0"}.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", value)
    monkeypatch.setenv("DAGSTER_HOME", "put back after the test")
    monkeypatch.chdir(home.parent)

    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        code: Any = 0
        try:
            main(["erase", *arguments])
        except SystemExit as ended:
            code = ended.code or 0
        return code, *capsys.readouterr()

    return run


def test_a_user_is_erased_by_the_raw_id_which_stands_nowhere(run: Any, home: Path):
    code, out, error = run("--user-id", "--dry-run", "--json", typed="user-8\n")
    assert code == 0, error
    assert json.loads(out)["would_remove"]["logs"]["conversations"] == 2
    code, out, error = run("--user-id", "--yes", typed="user-8\n")
    assert code == 0, error
    assert "2 conversations of the user were erased" in out
    assert "user-8" not in out + error
    certificate = next(line for line in out.split("\n") if line.startswith("Certificate: "))
    assert certificate.startswith("Certificate: home/certificates/user-"), "as seen from the working folder"
    name = certificate.rpartition("/")[2]
    assert "2 conversations of the user were erased" in run("--verify", name)[1], "the name alone is enough"
    assert "user-8" not in "".join(path.read_text("latin-1") for path in home.rglob("*") if path.is_file())


def test_an_id_that_nobody_has_or_that_is_no_hash_is_refused_without_showing_it(run: Any):
    code, out, error = run("--user-id", "--yes", typed="user-99\n")
    assert (code, out) == (1, "")
    assert "no conversation of a user" in error
    assert "user-99" not in error
    assert "is one line; nothing was erased" in run("--user-id", "--yes", typed="user-8\nuser-9\n")[2]
    assert "no id of a user was given" in run("--user-id", "--yes", typed="\n")[2]
    code, _, error = run("--user", "rosa@posteo.example", "--yes")
    assert code == 1
    assert "--user-id" in error
    assert "rosa" not in error


def test_nothing_of_internal_names_and_no_empty_row_is_printed(run: Any):
    code, out, error = run("--value", "--yes", typed=NICKNAME)
    assert code == 0, error
    assert "_" not in out.partition("Certificate")[0].replace("<ERASED_1>", "")
    assert "Nothing found in: " in out
    assert not any(line.split()[-1:] == ["0"] for line in out.split("\n"))


def test_a_tombstone_says_what_made_it(home: Path):
    desk = forgetting(home)
    old = latest_version(desk.lake, "shop")
    assert old is not None
    with desk.alone():
        desk.carry_out(order_of(home, "conv-d"))
    (row,) = [row for row in versions(desk.lake) if row["version_id"] == old]
    assert (row["tombstoned_by"], why_gone(row)) == ("conversation", "erased on request")
    assert "recognised later" in why_gone({"tombstoned_by": "reveal"})
    assert "past retention" in why_gone({"tombstoned_by": "retention"})
    assert why_gone({"tombstoned_by": None}) == "erased on request", "of an earlier release"


@pytest.mark.parametrize(
    ("kind", "said"), [("retention", "past retention"), ("reveal", "recognised later"), ("conversation", "Erased on request")]
)
def test_a_blanked_preview_says_why_and_goes_on_saying_it(tmp_path: Path, kind: Any, said: str):
    event = {"entries": [{"label": "preview", "entry_data": {"md_str": "what somebody wrote"}}]}
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("create table event_logs (id integer, partition text, event text)")
        connection.execute("insert into event_logs values (1, '2026-11-02', ?)", [json.dumps(event)])
        connection.commit()
    for order, count in ((new_order(kind, ["a"], "p"), 1), (new_order("value", ["b"], "p"), 0)):
        on_that_day = msgspec.structs.replace(order, scope=Scope(days=("2026-11-02",)))
        assert Events(tmp_path).forget(on_that_day).counts == {"previews": count}
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        (text,) = connection.execute("select event from event_logs").fetchone()
    assert said in text
    assert "somebody" not in text
