"""Files of the home belong to their owner alone, whatever writes them; what others can open is found and mended."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from goldworks.access.file_rights import mend_rights, wrong_rights
from goldworks.home import Home
from goldworks.settings import load_settings
from pipelines.doctor import examine


@pytest.fixture(autouse=True)
def generous_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_what_libraries_and_child_processes_write_is_private(tmp_path: Path):
    home = Home(load_settings(home=tmp_path / "home")).prepare()
    home.lake.create(["logs.messages"])
    with duckdb.connect(str(home.root / "some.duckdb")) as connection:
        connection.execute("create table t as select 1")
    (home.root / "folder" / "deep").mkdir(parents=True)
    subprocess.run([sys.executable, "-c", "import sys; open(sys.argv[1], 'w').close()", str(home.root / "child")], check=True)
    assert wrong_rights(home.root) == []
    assert stat.S_IMODE((home.root / "child").stat().st_mode) == 0o600


def test_what_others_can_open_is_found_and_mended(tmp_path: Path):
    home = Home(load_settings(home=tmp_path / "home")).prepare()
    file, folder = home.root / "a", home.root / "b"
    file.write_text("x")
    folder.mkdir()
    file.chmod(0o644)
    folder.chmod(0o750)
    (home.root / "link").symlink_to("/etc/hostname")
    assert wrong_rights(home.root) == [file, folder]
    assert mend_rights([*wrong_rights(home.root), home.root / "gone"]) == 2
    assert wrong_rights(home.root) == []
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)


def test_the_doctor_names_wrong_rights_and_unusable_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    home = Home(load_settings(home=tmp_path / "home")).prepare()
    home.audit_log.append("test.event", {})
    (home.root / "marts.duckdb").touch(0o600)
    (home.root / "marts.duckdb").chmod(0o604)
    (home.root / "keys" / "signing.key").unlink()
    assert examine(home, as_json=True) == 1
    found = {one["what"]: one for one in json.loads(capsys.readouterr().out)}
    assert str(home.root / "marts.duckdb") in found["rights"]["state"]
    assert found["rights"]["remedy"].startswith("chmod -R go-rwx")
    examine(Home(home.settings), as_json=True)
    found = {one["what"]: one for one in json.loads(capsys.readouterr().out)}
    assert "is gone" in found["signing key"]["state"]
