"""The vault in the line: values reach it encrypted and nothing else of the home; what is erased leaves it; off, there is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from small_logs import SECRET, three_days

from goldworks.access.audit_log import AuditLog
from goldworks.access.signing import Signer
from goldworks.access.vault import Vault
from goldworks.errors import InputError
from goldworks.forgetting.kept_values import KeptValues
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
from goldworks.lake import Lake
from goldworks.orders import Order, Scope, new_order
from goldworks.settings import PROJECT_ROOT
from pipelines.cli import main

KEY = b"\x01" * 32
MAIL = "ann.lee@example.com"


@pytest.fixture(scope="module")
def with_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    expectations = tmp_path_factory.mktemp("vault") / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", expectations)
    policy = expectations / "policies" / "keys.yml"
    policy.write_text(policy.read_text().replace("vault: off", "vault: on"))
    return expectations


def take_all(home: Path, expectations: Path, workers: int = 0) -> Path:
    logs = home.parent / "logs"
    three_days(logs)
    take(Lake(home), Source(str(logs), expectations, load_intake_policy(expectations), "off", workers=workers), KEY)
    return home


def token_of(home: Path, type_: str) -> tuple[str, str]:
    row = next(row for row in Lake(home).rows("logs.entities") if row["type"] == type_)
    return row["conversation_id"], row["token"]


@pytest.mark.parametrize("workers", [0, 1])
def test_a_value_is_read_back_and_stands_nowhere_in_the_clear(tmp_path: Path, with_vault: Path, workers: int):
    home = take_all(tmp_path / "home", with_vault, workers)
    assert Vault(home).read(*token_of(home, "EMAIL_ADDRESS")) == MAIL
    places = {(row["conversation_id"], row["token"]) for row in Lake(home).rows("logs.entities")}
    values = {Vault(home).read(*place) for place in places}
    assert SECRET in values
    assert Vault(home).count() == len(places)
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert not any(value.encode() in kept for value in (MAIL, SECRET))


def test_what_is_erased_leaves_the_vault(tmp_path: Path, with_vault: Path):
    home = take_all(tmp_path / "home", with_vault)
    conversation, token = token_of(home, "EMAIL_ADDRESS")
    row = next(row for row in Lake(home).rows("logs.entities") if row["token"] == token)
    days = tuple(sorted({row["arrived_on"] for row in Lake(home).rows("logs.entities")}))
    forget = KeptValues(Lake(home), Vault(home)).forget
    reveal = new_order("reveal", [conversation], "1")
    assert forget(reveal).counts == {"values": 0}
    value = new_order("value", [row["value_hash"]], "1")
    before = Vault(home).count()
    assert forget(_scoped(value, Scope(cut=(row["value_hash"],), days=days))).counts == {"values": 1}
    with pytest.raises(InputError):
        Vault(home).read(conversation, token)
    assert Vault(home).count() == before - 1
    whole = _scoped(new_order("conversation", [conversation], "1"), Scope(conversations=(conversation,)))
    assert forget(whole).counts["values"] >= 1
    assert forget(whole).counts == {"values": 0}


def _scoped(order: Order, scope: Scope) -> Order:
    return msgspec.structs.replace(order, scope=scope)


def test_off_there_is_no_vault_and_the_tables_are_the_same(tmp_path: Path, with_vault: Path):
    on, off = tmp_path / "on" / "home", tmp_path / "off" / "home"
    take_all(on, with_vault)
    take_all(off, PROJECT_ROOT / "expectations")
    assert not (off / "vault").exists()
    assert not (off / "keys").exists()
    for key in ("logs.messages", "logs.entities", "logs.turns"):
        rows = [sorted(json.dumps(row, default=str) for row in Lake(home).rows(key)) for home in (on, off)]
        assert rows[0] == rows[1]


def test_a_value_that_cannot_be_read_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """No vault, no such conversation, no such token, not kept: each is said, with what helps."""
    expectations = tmp_path / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", expectations)
    settings = {"HOME": str(tmp_path / "home"), "KEY": KEY.hex(), "EXPECTATIONS": str(expectations), "NAMES": "off"}
    for name, value in settings.items():
        monkeypatch.setenv(f"GOLDWORKS_{name}", value)
    monkeypatch.setenv("DAGSTER_HOME", "put back after the test")
    monkeypatch.chdir(tmp_path)
    home = take_all(tmp_path / "home", expectations)
    conversation, token = token_of(home, "EMAIL_ADDRESS")

    def refused(conversation: str, token: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["vault", "read", "--conversation", conversation, "--token", token, "--reason", "ticket 1"])
        assert ended.value.code == 1
        return capsys.readouterr().err

    assert "the vault is off and holds nothing" in refused(conversation, token)
    policy = expectations / "policies" / "keys.yml"
    policy.write_text(policy.read_text().replace("vault: off", "vault: on"))
    assert f"the vault, which is on now, has no value of {token}" in refused(conversation, token)
    assert "there is no conversation conv-x" in refused("conv-x", token)
    said = refused(conversation, "<IBAN_9>")
    assert "has no token <IBAN_9>" in said
    assert token in said, "those that it has"
    assert not (home / "vault").exists(), "looking makes none"
    assert [entry.kind for entry in AuditLog(home, Signer(home)).entries() if entry.kind == "vault.read"] == []
