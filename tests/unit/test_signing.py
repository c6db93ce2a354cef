"""Signatures and the audit log: what was changed, cut off or signed by another is noticed; a kill breaks nothing."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from goldworks.access.audit_log import AuditLog, Head
from goldworks.access.signing import Signer, pre_authentication, verify
from goldworks.errors import GoldworksError, InputError

TYPE = "application/vnd.goldworks.test+json"


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GOLDWORKS_SIGNING_KEY", raising=False)


def log_of(home: Path, entries: int = 0) -> AuditLog:
    log = AuditLog(home, Signer(home))
    for number in range(entries):
        log.append("test.event", {"number": number})
    return log


def lines(log: AuditLog) -> list[bytes]:
    return log.path.read_bytes().splitlines(keepends=True)


def test_what_is_signed_is_dsses_pre_authentication_encoding():
    # the example of the DSSE specification, protocol.md
    assert pre_authentication("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_signature_holds_for_its_payload_and_its_type_only(tmp_path: Path):
    signer = Signer(tmp_path)
    envelope = signer.sign(b'{"a":1}', TYPE)
    assert Signer(tmp_path).verify(envelope, TYPE) == b'{"a":1}'
    forged = {**envelope, "payload": base64.b64encode(b'{"a":2}').decode()}
    with pytest.raises(GoldworksError, match="changed after"):
        signer.verify(forged)
    with pytest.raises(GoldworksError, match="changed after"):
        signer.verify({**envelope, "payloadType": "text/plain"})
    with pytest.raises(GoldworksError, match="not as text/plain"):
        signer.verify(envelope, "text/plain")
    for junk in ({}, {**envelope, "payload": "*"}, {**envelope, "signatures": [1]}, {**envelope, "signatures": None}):
        with pytest.raises(GoldworksError, match="not a signed envelope"):
            signer.verify(junk)


def test_another_installations_signature_is_not_ours(tmp_path: Path):
    ours, theirs = Signer(tmp_path / "a"), Signer(tmp_path / "b")
    envelope = theirs.sign(b"x", TYPE)
    with pytest.raises(GoldworksError, match="not known here"):
        ours.verify(envelope)
    assert verify(envelope, theirs.public_keys()) == b"x"


def test_openssl_agrees_on_the_signature(tmp_path: Path):
    envelope = Signer(tmp_path).sign(b"payload", TYPE)
    (tmp_path / "message").write_bytes(pre_authentication(TYPE, b"payload"))
    (tmp_path / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(tmp_path / "keys" / "signing.pub"), "-rawin"]
    command += ["-in", str(tmp_path / "message"), "-sigfile", str(tmp_path / "signature")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in done.stdout, done.stderr


def test_the_signing_key_is_private_and_never_quietly_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Signer(tmp_path).sign(b"x", TYPE)
    file = tmp_path / "keys" / "signing.key"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(GoldworksError, match="chmod 600"):
        Signer(tmp_path).sign(b"x", TYPE)
    file.chmod(0o600)
    kept = file.rename(tmp_path / "kept")
    with pytest.raises(GoldworksError, match="is gone"):
        Signer(tmp_path).sign(b"x", TYPE)
    monkeypatch.setenv("GOLDWORKS_SIGNING_KEY", "ab" * 32)
    with pytest.raises(GoldworksError, match="not the signing key"):
        Signer(tmp_path).sign(b"x", TYPE)
    monkeypatch.setenv("GOLDWORKS_SIGNING_KEY", "short-secret")
    with pytest.raises(GoldworksError, match="64 hex digits") as caught:
        Signer(tmp_path).sign(b"x", TYPE)
    assert "short-secret" not in str(caught.value)
    monkeypatch.setenv("GOLDWORKS_SIGNING_KEY", kept.read_text())
    Signer(tmp_path).sign(b"x", TYPE)
    assert not file.exists()


def test_what_a_key_signed_before_it_was_rotated_out_stays_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    signer = Signer(tmp_path)
    before, old_id = signer.sign(b"old", TYPE), signer.key_id
    assert signer.rotate() != old_id
    after = Signer(tmp_path).sign(b"new", TYPE)
    assert after["signatures"][0]["keyid"] != old_id
    assert (Signer(tmp_path).verify(before), Signer(tmp_path).verify(after)) == (b"old", b"new")
    monkeypatch.setenv("GOLDWORKS_SIGNING_KEY", (tmp_path / "keys" / "signing.key").read_text())
    with pytest.raises(InputError, match="still holds the present key"):
        Signer(tmp_path).rotate()
    monkeypatch.setenv("GOLDWORKS_SIGNING_KEY", "cd" * 32)
    Signer(tmp_path).rotate()
    assert Signer(tmp_path).verify(before) == b"old"
    assert Signer(tmp_path).sign(b"newest", TYPE)["signatures"][0]["keyid"] == Signer(tmp_path).key_id


def test_the_log_is_a_chain_that_only_its_owner_reads(tmp_path: Path):
    log = log_of(tmp_path, 3)
    verdict = log.verify()
    assert (verdict.is_whole, verdict.length) == (True, 3)
    assert [entry.detail["number"] for entry in log.entries()] == [0, 1, 2]
    assert log.path.stat().st_mode & 0o777 == 0o600
    assert log.head() == Head(3, verdict.head, log.entries()[-1].at)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (lambda rows: [rows[0], rows[1].replace(b'"number":1', b'"number":9'), *rows[2:]], 1),
        (lambda rows: [rows[0], rows[2], rows[3]], 1),
        (lambda rows: [rows[1], rows[0], *rows[2:]], 0),
        (lambda rows: [*rows[:2], b"junk\n", *rows[2:]], 2),
        (lambda rows: rows[:3], 3),
        (lambda rows: [], 0),
    ],
    ids=["changed", "left out", "reordered", "put in", "cut off", "emptied"],
)
def test_the_first_entry_that_was_tampered_with_is_named(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], broken: int
):
    log = log_of(tmp_path, 4)
    log.path.write_bytes(b"".join(change(lines(log))))
    verdict = log.verify()
    assert (verdict.is_whole, verdict.broken_seq) == (False, broken), verdict


def test_a_chain_that_was_computed_anew_without_an_entry_is_found_by_the_signed_head(tmp_path: Path):
    log, other = log_of(tmp_path / "a", 3), log_of(tmp_path / "b", 3)
    log.path.write_bytes(other.path.read_bytes())
    assert log.verify().broken_seq == 2
    log.head_path.write_bytes(other.head_path.read_bytes())  # signed, but by another key
    assert not log.verify().is_whole
    log.head_path.unlink()
    assert not log.verify().is_whole


def test_an_older_log_with_its_older_head_is_found_by_a_head_kept_elsewhere(tmp_path: Path):
    log = log_of(tmp_path, 2)
    old = log.path.read_bytes(), log.head_path.read_bytes()
    log.append("test.event", {})
    kept = log.head()
    assert kept is not None
    log.path.write_bytes(old[0])
    log.head_path.write_bytes(old[1])
    assert log.verify().is_whole
    assert log.verify([kept]).broken_seq == 2


def test_a_line_that_a_kill_left_half_written_is_removed_and_noted(tmp_path: Path):
    log = log_of(tmp_path, 2)
    with log.path.open("ab") as file:
        file.write(b'{"seq":2,"at":"2026')
    log.append("test.event", {"number": 2})
    assert log.verify().is_whole
    assert [entry.kind for entry in log.entries()] == ["test.event", "test.event", "audit_log.recovered", "test.event"]


def test_an_entry_whose_head_was_not_signed_before_the_kill_is_whole(tmp_path: Path):
    log = log_of(tmp_path, 2)
    head = log.head_path.read_bytes()
    log.append("test.event", {})
    log.head_path.write_bytes(head)
    assert log.verify().is_whole
    log.append("test.event", {})
    assert log.verify().length == 4


def test_a_broken_log_is_kept_and_its_successor_never_hides_the_break(tmp_path: Path):
    log = log_of(tmp_path, 3)
    log.path.write_bytes(b"".join(lines(log)[:1]))
    log.append("test.event", {"number": 3})
    first = log.entries()[0]
    assert (first.kind, first.detail["broken_seq"]) == ("audit_log.broken", 1)
    assert (tmp_path / first.detail["set_aside"]).exists()
    verdict = log.verify()
    assert (verdict.broken_seq, verdict.is_whole) == (None, False)


def test_processes_that_write_at_once_make_one_chain(tmp_path: Path):
    Signer(tmp_path).sign(b"", TYPE)
    code = (
        "import sys; from pathlib import Path\n"
        "from goldworks.access.audit_log import AuditLog; from goldworks.access.signing import Signer\n"
        "home = Path(sys.argv[1]); log = AuditLog(home, Signer(home))\n"
        "for n in range(10): log.append('test.event', {'n': n})"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [one.wait() for one in running] == [0, 0]
    verdict = log_of(tmp_path).verify()
    assert (verdict.is_whole, verdict.length) == (True, 20)
    assert all(
        set(orjson.loads(line)) == {"seq", "at", "kind", "actor", "detail", "prev", "hash"} for line in lines(log_of(tmp_path))
    )
