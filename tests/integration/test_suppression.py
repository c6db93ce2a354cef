"""What was erased does not come in again: by no later day, no day taken again, no second delivery, no rebuild, no rotation."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from every_byte import where
from hypothesis import given, settings
from hypothesis import strategies as st
from small_history import EXPECTATIONS, KEY, NICKNAME, PLACE, USE_CASES, forgetting, take_days, write_logs
from small_logs import chat, text, write_log

from assets.checks import check_lines
from goldworks.access.key_ring import Epoch, Ring, load_ring, write_ring
from goldworks.errors import GoldworksError
from goldworks.forgetting.asking import order_conversations, order_user, order_value
from goldworks.forgetting.values import sought
from goldworks.intake.merge import merge_conversations
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
from goldworks.lake import Lake
from goldworks.orders import Order, Orders
from goldworks.redaction.records import Known
from goldworks.suppression import FILE, Suppressions

DAY4 = "otlp/2026-11-04.jsonl.gz"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_logs(tmp_path / "logs")
    take_days(tmp_path / "home", tmp_path / "logs")
    return tmp_path / "home"


def carry_out(home: Path, order: Order) -> None:
    desk = forgetting(home)
    with desk.alone():
        desk.carry_out(order)


def erase_value(home: Path, value: str) -> None:
    keys = load_ring(home, KEY).current
    carry_out(home, order_value(Lake(home), sought(value, {"EMAIL_ADDRESS"}, keys), "p", None))


def conversation_of(line: str, user: str) -> str:
    return line.replace("user-7", user)


def take_again(home: Path, logs: Path) -> None:
    """Every day anew, as under another redaction policy."""
    lake = Lake(home)
    for row in lake.rows("logs.arrivals"):
        lake.upsert("logs.arrivals", [{**row, "policy_version": "another"}])
    take_days(home, logs)


def reconciled(home: Path) -> dict[str, int]:
    """Sums of the arrivals, once every file's lines are found to add up."""
    assert check_lines(Lake(home)).passed
    names = ("lines", "records", "duplicates", "quarantined", "empty", "suppressed")
    return {name: sum(row[name] for row in Lake(home).rows("logs.arrivals")) for name in names}


def stored(home: Path) -> str:
    lake = Lake(home)
    keys = ("logs.turns", "logs.messages", "logs.entities", "logs.conversations", "logs.quarantine")
    return json.dumps([row for key in keys for row in lake.rows(key)], default=str)


def test_an_erased_conversation_stays_away(home: Path, tmp_path: Path):
    carry_out(home, order_conversations(Lake(home), ["conv-d"], "p", None))
    later = [text("user", f"I live in {PLACE}"), text("assistant", "Yes."), text("user", "still there?")]
    write_log(tmp_path / "logs", DAY4, [
        chat("conv-d", "d1", "2026-11-02", later[:1], "Yes."),  # delivered again
        chat("conv-d", "d9", "2026-11-04", later, "Yes."),
        chat("conv-e", "e9", "2026-11-04", [text("user", "hello")], "hi"),
    ])  # fmt: skip
    take_days(home, tmp_path / "logs")
    assert "conv-d" not in stored(home)
    assert reconciled(home) == {"lines": 13, "records": 7, "duplicates": 1, "quarantined": 1, "empty": 1, "suppressed": 3}
    take_again(home, tmp_path / "logs")
    assert "conv-d" not in stored(home)
    assert reconciled(home)["suppressed"] == 3
    assert where(home, [PLACE, "conv-d"]).keys() <= {"conv-d"}, "its certificate names it, and nothing else"


def test_an_erased_user_stays_away_also_in_a_new_home_of_the_same_list(home: Path, tmp_path: Path):
    rows = Lake(home).rows("logs.turns", ["conversation_id", "user_hash"])
    (user,) = {row["user_hash"] for row in rows if row["conversation_id"] == "conv-d"}
    carry_out(home, order_user(Lake(home), user, "p", None))
    write_log(
        tmp_path / "logs", DAY4, [conversation_of(chat("conv-f", "f1", "2026-11-04", [text("user", PLACE)], "y"), "user-8")]
    )
    take_days(home, tmp_path / "logs")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / FILE).write_bytes((home / FILE).read_bytes())
    (fresh / FILE).chmod(0o600)
    take_days(fresh, tmp_path / "logs")
    for one in (home, fresh):
        assert user not in stored(one)
        assert PLACE not in stored(one)
        assert {"conv-d", "conv-e", "conv-f"}.isdisjoint(row["conversation_id"] for row in Lake(one).rows("logs.turns"))
    assert reconciled(home) == reconciled(fresh)


def test_a_conversation_that_turns_out_to_be_an_erased_users_is_erased(home: Path, tmp_path: Path):
    keys = load_ring(home, KEY).current
    Suppressions(home, load_ring(home, KEY)).add_user(keys.digest("user", "user-9"))
    history = [text("user", "hi"), text("assistant", "hello"), text("user", "it is me")]
    write_log(tmp_path / "logs", DAY4, [conversation_of(chat("conv-b", "b2", "2026-11-04", history, "yes"), "user-9")])
    take_days(home, tmp_path / "logs")
    assert [order.scope.conversations for order in Orders(home).open()] == [("conv-b",)]
    forgetting(home).finish_open()
    merge_conversations(Lake(home), USE_CASES)
    assert "conv-b" not in stored(home)
    assert reconciled(home)["suppressed"] == 2


def test_an_erased_value_is_redacted_wherever_it_comes_again(home: Path, tmp_path: Path):
    erase_value(home, "nobody says this")
    erase_value(home, NICKNAME)
    write_log(tmp_path / "logs", DAY4, [
        chat("conv-g", "g1", "2026-11-04", [text("user", f"my {NICKNAME.upper()} sank, write to ann.lee@example.com")], "Oh no."),
    ])  # fmt: skip
    take_days(home, tmp_path / "logs")
    (said,) = [
        row["text"] for row in Lake(home).rows("logs.messages") if row["conversation_id"] == "conv-g" and row["role"] == "user"
    ]
    assert said == "my <ERASED_2> sank, write to <EMAIL_ADDRESS_1>"
    take_again(home, tmp_path / "logs")
    assert where(home, [NICKNAME]) == {}
    rows = [row for row in Lake(home).rows("logs.entities") if row["type"] == "ERASED"]
    assert {row["token"] for row in rows} == {"<ERASED_2>"}, "numbered for good"
    hashes = {row["conversation_id"]: row["value_hash"] for row in rows}
    assert len(hashes) == len(set(hashes.values())) == 3, "no hash leads from one conversation to another"
    assert set(hashes.values()).isdisjoint(
        {entry for line in (home / FILE).read_text().splitlines() for entry in json.loads(line)}
    )


def test_erased_once_more_a_value_stays_away_also_where_it_is_part_of_a_word(home: Path, tmp_path: Path):
    erase_value(home, "Quillfeather")
    said = [text("user", "see https://x.example/aQuillfeatherb and bye")]
    write_log(tmp_path / "logs", DAY4, [chat("conv-h", "h1", "2026-11-04", said, "Oh no.")])
    take_days(home, tmp_path / "logs")
    erase_value(home, "Quillfeather")
    assert "quillfeather" not in stored(home).lower()
    take_again(home, tmp_path / "logs")
    assert "quillfeather" not in stored(home).lower()


def test_an_erased_value_that_a_rule_recognises_keeps_its_type_and_has_one_token_on_every_day(home: Path, tmp_path: Path):
    erase_value(home, "ann.lee@example.com")
    take_again(home, tmp_path / "logs")
    rows = [row for row in Lake(home).rows("logs.entities") if row["type"] == "EMAIL_ADDRESS"]
    assert {row["token"] for row in rows} == {"<EMAIL_ADDRESS_1>"}
    assert {row["arrived_on"] for row in rows} == {"2026-11-01", "2026-11-03"}
    assert {len(row["variant_hashes"]) for row in rows} == {0}, "nothing is kept that it could be found again by"


def test_the_list_outlives_rotations_of_the_keys(home: Path, tmp_path: Path):
    ring = load_ring(home, KEY)
    kept = Suppressions(home, ring)
    kept.add_user(ring.current.digest("user", "user-7"))
    kept.add_value(sought(NICKNAME, (), ring.current).known(1))
    assert kept.generations() == {0}
    rotated = Ring(KEY, (*ring.epochs, Epoch(1, "11" * 32), Epoch(2, "22" * 32, ("33" * 32,))))
    write_ring(home, rotated)
    fresh = tmp_path / "fresh"
    for name in (FILE, "keys/identity.ring"):
        (fresh / name).parent.mkdir(exist_ok=True, parents=True)
        (fresh / name).write_bytes((home / name).read_bytes())
        (fresh / name).chmod(0o600)
    take_days(fresh, tmp_path / "logs")
    assert {row["conversation_id"] for row in Lake(fresh).rows("logs.turns")} == {"conv-d", "conv-e"}
    assert NICKNAME not in stored(fresh).lower()


def test_a_damaged_or_readable_list_lets_nothing_in(home: Path, tmp_path: Path):
    Suppressions(home, load_ring(home, KEY)).add_conversations(["conv-x"])
    write_log(tmp_path / "logs", DAY4, [chat("conv-x", "x1", "2026-11-04", [text("user", "hi")], "y")])
    (home / FILE).chmod(0o644)
    with pytest.raises(GoldworksError, match="can be read by others"):
        take_days(home, tmp_path / "logs")
    (home / FILE).chmod(0o600)
    (home / FILE).write_bytes((home / FILE).read_bytes()[:-9])
    with pytest.raises(GoldworksError, match="damaged"):
        take_days(home, tmp_path / "logs")
    assert "conv-x" not in stored(home)


def test_the_list_holds_no_id_and_no_value_and_numbers_are_never_given_twice(tmp_path: Path):
    kept = Suppressions(tmp_path, load_ring(tmp_path, KEY))
    kept.add_conversations(["conv-x", "conv-x"])
    first = Known("<ERASED_1>", "ERASED", "aa", ("bb",), 2, (8,))
    for known in (first, first, Known("<ERASED_2>", "ERASED", "cc", (), 1)):
        kept.add_value(known)
    kept.add_conversations(["conv-x"])
    assert "conv-x" not in (tmp_path / FILE).read_text()
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    (listed,) = kept.values()
    assert [one.token for one in listed.values] == ["<ERASED_1>", "<ERASED_2>"]
    assert kept.load().has_conversation("conv-x")


LINES: list[dict[str, Any]] = [
    {"conversation": conversation, "trace": f"{conversation[-1]}{turn}", "user": user}
    for conversation, turn, user in (
        ("conv-p", 1, "erased"), ("conv-p", 2, "erased"), ("conv-q", 1, ""), ("conv-q", 2, "erased"), ("conv-r", 1, "other"),
        ("conv-s", 1, "other"), ("conv-s", 2, "erased"),
    )
]  # fmt: skip


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(len(LINES))), cuts=st.lists(st.integers(1, 6), max_size=2), steps=st.booleans())
def test_an_erased_user_is_in_no_table_whatever_the_order_of_the_files(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cuts: list[int], steps: bool
):
    folder = tmp_path_factory.mktemp("order")
    home, logs = folder / "home", folder / "logs"
    home.mkdir()
    ring = load_ring(home, KEY)
    erased = ring.current.digest("user", "erased")
    Suppressions(home, ring).add_user(erased)
    days: dict[str, list[str]] = {}
    for place, index in enumerate(order):
        one = LINES[index]
        line = chat(one["conversation"], one["trace"], "2026-11-01", [text("user", f"said {one['trace']}")], "ok")
        line = line.replace("user-7", one["user"]) if one["user"] else line.replace('"user.id"', '"nothing"')
        days.setdefault(f"2026-11-0{1 + sum(place >= cut for cut in cuts)}", []).append(line)
    for day, lines in days.items():
        random.Random(7).shuffle(lines)
        write_log(logs, f"otlp/{day}.jsonl.gz", lines)
    source = Source(str(logs), EXPECTATIONS, load_intake_policy(EXPECTATIONS), "off", workers=0)
    for some in [[day] for day in days] if steps else [None]:
        take(Lake(home), source, KEY, some)
        merge_conversations(Lake(home), USE_CASES)
    forgetting(home).finish_open()
    left = Lake(home).rows("logs.turns", ["conversation_id", "user_hash"])
    assert {row["conversation_id"] for row in left} == {"conv-r"}
    assert erased not in stored(home)
    totals = reconciled(home)
    assert (totals["lines"], totals["records"], totals["suppressed"]) == (7, 1, 6)
