"""Rotating the keys of identity hashes, joins hold or are cut, old hashes leave the disk, a kill leaves no trace."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_logs import SECRET, three_days

from goldworks.access.audit_log import AuditLog
from goldworks.access.key_ring import FILE, IdentityKeys, load_ring
from goldworks.access.keys import erased_hash
from goldworks.access.rotation import HASHES, Joins, Rotated, rotate
from goldworks.access.signing import Signer
from goldworks.errors import BusyError, GoldworksError
from goldworks.home import Home
from goldworks.intake.merge import merge_conversations
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, Taken, take
from goldworks.lake import Lake
from goldworks.locks import alone
from goldworks.redaction.values import Hasher
from goldworks.settings import PROJECT_ROOT, load_settings
from goldworks.tables import TABLES
from goldworks.use_cases import load_use_cases

KEY = b"\x01" * 32
EXPECTATIONS = PROJECT_ROOT / "expectations"
DAYS = ["2026-11-01", "2026-11-02", "2026-11-03"]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rotation") / "logs"
    three_days(folder)
    return folder


@pytest.fixture(scope="module")
def two_days(logs: Path) -> Path:
    home = logs.parent / "two_days"
    take_days(home, logs, DAYS[:2])
    return home


@pytest.fixture
def home(two_days: Path, tmp_path: Path) -> Path:
    shutil.copytree(two_days, tmp_path / "home")
    return tmp_path / "home"


def take_days(home: Path, logs: Path, days: list[str]) -> Taken:
    return take(Lake(home), Source(str(logs), EXPECTATIONS, load_intake_policy(EXPECTATIONS), "off", workers=0), KEY, days)


def turn(home: Path, joins: Joins, needed: tuple[int, ...] = ()) -> Rotated:
    return rotate(Lake(home), KEY, joins, AuditLog(home, Signer(home)), needed)


def rows(home: Path) -> dict[str, list[dict[str, Any]]]:
    lake = Lake(home)
    merge_conversations(lake, load_use_cases(EXPECTATIONS / "use_cases.yml"))
    return {key: sorted(lake.rows(key), key=lambda row: json.dumps(row, default=str, sort_keys=True)) for key in HASHES}


def hashes(home: Path, key: str, column: str, day: str | None = None) -> set[str]:
    where = [("arrived_on", "=", day)] if day else None
    return {row[column] for row in Lake(home).rows(key, where=where) if row[column]}


def bytes_of(home: Path) -> bytes:
    """Everything that tables hold, also in files and logs that no version needs; Parquet decoded."""
    lake = Lake(home)
    files = b"".join(path.read_bytes() for key in HASHES for path in lake.path(key).rglob("*.json"))
    decoded = json.dumps([_parquet(path) for key in HASHES for path in lake.path(key).rglob("*.parquet")], default=str)
    return files + decoded.encode()


def _parquet(path: Path) -> list[dict[str, Any]]:
    from pyarrow.parquet import ParquetFile

    return ParquetFile(path).read().to_pylist()


def test_under_keep_everything_goes_on_as_if_the_new_keys_had_always_been(home: Path, logs: Path, tmp_path: Path):
    before = hashes(home, "logs.turns", "user_hash") | hashes(home, "logs.entities", "value_hash")
    assert turn(home, "keep").generation == 1
    assert turn(home, "keep").generation == 2
    take_days(home, logs, DAYS[2:])
    anew = tmp_path / "anew"
    (anew / "keys").mkdir(parents=True)
    shutil.copy(home / "keys" / FILE, anew / "keys" / FILE)
    take_days(anew, logs, DAYS)
    assert rows(home) == rows(anew)
    assert len(hashes(home, "logs.turns", "user_hash")) == 1, "one user before and after the rotation"
    mail = [row for row in Lake(home).rows("logs.entities") if row["type"] == "EMAIL_ADDRESS"]
    assert {row["arrived_on"] for row in mail} == {DAYS[0], DAYS[2]}
    assert len({(row["token"], row["value_hash"]) for row in mail}) == 1, "a value keeps its token and its hash joins"
    assert not before & (hashes(home, "logs.turns", "user_hash") | hashes(home, "logs.entities", "value_hash"))


def test_a_value_is_revealed_late_across_a_rotation(tmp_path: Path, logs: Path):
    home = tmp_path / "home"
    take_days(home, logs, DAYS[:1])
    assert any(SECRET in (row["text"] or "") for row in Lake(home).rows("logs.messages")), "control: not yet recognised"
    turn(home, "keep")
    assert take_days(home, logs, DAYS[1:2]).rewritten >= 1
    assert not any(SECRET in json.dumps(row, default=str) for row in Lake(home).rows("logs.messages"))


def test_under_cut_nothing_of_before_joins_what_comes_after(home: Path, logs: Path):
    old = hashes(home, "logs.turns", "user_hash") | hashes(home, "logs.entities", "value_hash")
    done = turn(home, "cut")
    assert (done.generation, done.generations) == (1, (1,))
    take_days(home, logs, DAYS[2:])
    early, late = (hashes(home, "logs.turns", "user_hash", day) for day in (DAYS[0], DAYS[2]))
    assert len(early) == len(late) == 1
    assert not early & late
    assert early == hashes(home, "logs.turns", "user_hash", DAYS[1]), "what was stored still joins among itself"
    known = [load_ring(home, KEY).at(1), IdentityKeys(KEY)]
    guesses = {keys.digest("user", "user-7") for keys in known}
    assert guesses & (early | old | late) <= late | old
    assert not guesses & early, "no key that is left tests a guess against what was stored"
    texts = json.dumps(Lake(home).rows("logs.messages"), default=str)
    assert "ann.lee" not in texts
    assert SECRET not in json.dumps(Lake(home).rows("logs.messages", where=[("arrived_on", "<", DAYS[2])]), default=str)


def test_the_old_hashes_leave_the_disk(home: Path):
    old = IdentityKeys(KEY).digest("user", "user-7").encode()
    assert old in bytes_of(home), "control"
    turn(home, "keep")
    assert old not in bytes_of(home)
    assert not (home / "keys" / "rotation.json").exists()
    turn(home, "cut")
    ring = load_ring(home, KEY)
    assert ring.current.digest("user", "user-7").encode() not in bytes_of(home)


def test_a_list_that_is_not_rekeyed_goes_on_to_match_as_long_as_its_keys_are_needed(home: Path):
    was = load_ring(home, KEY).digest_at(0, "user", "user-7")
    turn(home, "keep")
    turn(home, "cut", needed=(0,))
    ring = load_ring(home, KEY)
    assert ring.generations == [0, 1, 2]
    assert ring.digest_at(0, "user", "user-7") == was
    assert len({ring.digest_at(number, "user", "user-7") for number in ring.generations}) == 3
    turn(home, "cut")
    with pytest.raises(GoldworksError, match="generation 0 were destroyed"):
        load_ring(home, KEY).digest_at(0, "user", "user-7")


def test_what_stands_for_an_erased_value_stays(home: Path):
    rows = Lake(home).rows("logs.entities", where=[("arrived_on", "=", DAYS[1])])
    stands = erased_hash(KEY, rows[0]["conversation_id"], "ab" * 16)
    others = {row["value_hash"] for row in rows[1:]} - {rows[0]["value_hash"]}
    changed = [{**row, "value_hash": stands} if row["value_hash"] == rows[0]["value_hash"] else row for row in rows]
    Lake(home).replace("logs.entities", changed, {"arrived_on": DAYS[1]})
    rotate(Lake(home), KEY, "keep", AuditLog(home, Signer(home)), (0,), {"ab" * 16})
    after = hashes(home, "logs.entities", "value_hash", DAYS[1])
    assert stands in after
    assert not others & after


@pytest.mark.slow
@pytest.mark.parametrize("joins", ["keep", "cut"])
def test_a_kill_leaves_no_trace(home: Path, logs: Path, tmp_path: Path, joins: Joins):
    shutil.copytree(home, tmp_path / "undisturbed")
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from test_rotation import turn; turn(Path(sys.argv[1]), sys.argv[3])"
    )
    salts = ""
    for point in ("rotation.ordered", "rotation.half_done", "rotation.half_done", "rotation.before_ring"):
        command = [sys.executable, "-c", code, str(home), str(Path(__file__).parent), joins]
        paths = os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[1])))
        killed = subprocess.run(
            command, check=False, capture_output=True, env={**os.environ, "GOLDWORKS_FAULT": point, "PYTHONPATH": paths}
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
        with pytest.raises(GoldworksError, match="goldworks keys rotate finishes it"):
            take_days(home, logs, DAYS[2:])
        salts = salts or json.loads((home / "keys" / "rotation.json").read_text())["salt"]
        assert json.loads((home / "keys" / "rotation.json").read_text())["salt"] == salts, "the same rotation goes on"
    assert (home / "keys" / "rotation.json").stat().st_mode & 0o777 == 0o600
    other: Joins = "cut" if joins == "keep" else "keep"
    done = turn(home, other)  # what was begun is finished as it was begun
    assert (done.joins, done.generation, done.cut_places) == (joins, 1, ())
    undisturbed = turn(tmp_path / "undisturbed", joins)
    assert done.hashes == undisturbed.hashes > 0
    shape = [_shape(rows(one)) for one in (home, tmp_path / "undisturbed")]
    assert shape[0] == shape[1]
    if joins == "keep":
        ring = load_ring(home, KEY)
        assert hashes(home, "logs.turns", "user_hash") == {ring.current.digest("user", "user-7")}
        assert hashes(home, "logs.turns", "user_hash") == hashes(home, "logs.conversations", "user_hash")


def _shape(tables: dict[str, list[dict[str, Any]]]) -> list[str]:
    """All that two rotations with different keys have in common: which rows share a hash, and everything but the hashes."""
    lines: list[str] = []
    for key, found in tables.items():
        plain = sorted(found, key=lambda row: json.dumps(_without(key, row), default=str, sort_keys=True))
        numbers: dict[str, int] = {}
        for row in plain:
            seen = [row[name] if isinstance(row[name], list) else [row[name]] for name in HASHES[key]]
            numbered = [[one and numbers.setdefault(one, len(numbers)) for one in group] for group in seen]
            lines.append(json.dumps([_without(key, row), numbered], default=str, sort_keys=True))
    return lines


def _without(key: str, row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in HASHES[key]}


def test_a_day_that_changed_after_the_kill_loses_its_joins_and_nothing_else(home: Path):
    order = json.dumps(
        {
            "joins": "keep",
            "to_generation": 1,
            "salt": "ab" * 32,
            "fresh": None,
            "kept": [],
            "doing": {"place": f"logs.turns {DAYS[0]}", "before": "1", "after": "2"},
        }
    )
    (home / "keys").mkdir(exist_ok=True)
    (home / "keys" / "rotation.json").write_text(order)
    (home / "keys" / "rotation.json").chmod(0o600)
    done = turn(home, "keep")
    assert done.cut_places == (f"logs.turns {DAYS[0]}",)
    user = load_ring(home, KEY).current.digest("user", "user-7")
    assert user not in hashes(home, "logs.turns", "user_hash", DAYS[0])
    assert hashes(home, "logs.turns", "user_hash", DAYS[1]) == {user}


def test_the_rotation_is_noted_and_keeps_out_of_others_way(home: Path):
    turn(home, "keep")
    entry = AuditLog(home, Signer(home)).entries()[-1]
    assert (entry.kind, entry.detail["generation"], entry.detail["joins"]) == ("keys.rotated_identity", 1, "keep")
    with alone(home / "intake.lock", "test"), pytest.raises(BusyError, match="an intake is running"):
        turn(home, "keep")
    (home / "forgetting").mkdir()
    (home / "forgetting" / "erasure-1.json").write_text("{}")
    with pytest.raises(BusyError, match="waits to be finished"):
        turn(home, "keep")


def test_the_ring_is_private_and_a_damaged_one_is_refused(home: Path):
    turn(home, "keep")
    ring = home / "keys" / FILE
    assert ring.stat().st_mode & 0o777 == 0o600
    ring.chmod(0o644)
    with pytest.raises(GoldworksError, match="chmod 600"):
        load_ring(home, KEY)
    ring.chmod(0o600)
    ring.write_text("[1]")
    with pytest.raises(GoldworksError, match="holds no key ring"):
        load_ring(home, KEY)


def test_a_home_never_rotated_hashes_as_it_always_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDWORKS_KEY", KEY.hex())
    home = Home(load_settings(home=tmp_path)).prepare()
    assert home.identities == IdentityKeys(KEY)
    assert not (tmp_path / "keys" / FILE).exists()


def test_many_hashes_at_once_are_the_same_as_one_by_one():
    keys = IdentityKeys(KEY, (b"\x02" * 32, b"\x03" * 32), 2)
    forms = ["ann", "", "l\u00e9e", "\ud800"]
    assert Hasher(keys).many("PERSON", forms) == [keys.digest("PERSON", form) for form in forms]


def test_no_other_column_holds_identity_hashes():
    names = {(key, c.name) for key, table in TABLES.items() for c in table.columns if c.name.endswith(("_hash", "_hashes"))}
    of_content = {("logs.quarantine", "line_hash"), ("logs.messages", "content_hash")}
    assert {(key, name) for key, name in names - of_content} == {(key, name) for key, found in HASHES.items() for name in found}
