"""The monthly audit: it says what is wrong, its page holds no more than it may, and what was changed after signing is noticed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from small_logs import SECRET, three_days

from goldworks.access.signing import Signer
from goldworks.errors import GoldworksError, InputError
from goldworks.forgetting.certificate import PAYLOAD_TYPE
from goldworks.home import Home
from goldworks.intake.merge import merge_conversations
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, take
from goldworks.integrity.facts import gather
from goldworks.integrity.page import check, write
from goldworks.integrity.policies import note_policies
from goldworks.settings import PROJECT_ROOT, load_settings
from goldworks.use_cases import load_use_cases
from pipelines.cli import main

MONTH = "2026-11"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of three days, with policies of its own."""
    root = tmp_path_factory.mktemp("audit")
    shutil.copytree(PROJECT_ROOT / "expectations", root / "expectations")
    three_days(root / "logs")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GOLDWORKS_KEY", "GOLDWORKS_SIGNING_KEY"):
            patch.delenv(name, raising=False)
        home = Home(load_settings(home=root / "home", expectations=root / "expectations")).prepare()
        policy = load_intake_policy(root / "expectations")
        take(home.lake, Source(str(root / "logs"), root / "expectations", policy, "off", workers=0), home.key)
        merge_conversations(home.lake, load_use_cases(root / "expectations" / "use_cases.yml"))
        note_policies(root / "expectations", home.audit_log)
    return root


@pytest.fixture
def home(taken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("GOLDWORKS_KEY", "GOLDWORKS_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(taken, tmp_path / "all")
    return Home(load_settings(home=tmp_path / "all" / "home", expectations=tmp_path / "all" / "expectations")).prepare()


def test_a_home_in_order_has_no_findings_and_every_line_is_accounted_for(home: Home):
    facts = gather(home, MONTH)
    assert facts["findings"] == []
    assert [day["lines"] for day in facts["days"]] == [2, 4, 2]
    assert all(day["is_balanced"] for day in facts["days"])
    assert facts["withheld_rate"]["value"] == 0
    assert facts["withheld_rate"]["high"] > 0
    assert sum(link["looked_at"] for link in facts["links"]) > 0
    assert gather(home, "2026-10")["days"] == []


def test_what_is_wrong_is_a_finding(home: Home):
    (home.root / "marts.duckdb").touch()
    (home.root / "marts.duckdb").chmod(0o644)
    rows = home.lake.rows("logs.arrivals", where=[("arrived_on", "=", "2026-11-02")])
    home.lake.replace("logs.arrivals", [{**row, "lines": row["lines"] + 1} for row in rows], {"arrived_on": "2026-11-02"})
    home.lake.replace("logs.conversations", home.lake.rows("logs.conversations")[1:])
    (home.root / "certificates").mkdir()
    (home.root / "certificates" / "forged.json").write_text(
        json.dumps(Signer(home.root.parent / "other").sign(b"{}", PAYLOAD_TYPE))
    )
    lines = home.audit_log.path.read_bytes()
    home.audit_log.path.write_bytes(lines.replace(b'"is_first":true', b'"is_first":null'))
    policy = home.settings.expectations / "policies" / "keys.yml"
    policy.write_text(policy.read_text() + "# another\n")
    found = "\n".join(gather(home, MONTH)["findings"])
    assert "can be opened by others" in found
    assert "Lines do not add up on 2026-11-02" in found
    assert "messages without their conversation" in found
    assert "Certificate forged.json: signed by a key that is not known here" in found
    assert "audit log is broken at entry 0" in found
    assert "policies/keys.yml changed" in found


def test_the_page_holds_no_text_fetches_nothing_and_escapes_what_it_shows(home: Home):
    facts = gather(home, MONTH)
    facts["findings"] = ["<script>alert(1)</script>"]
    page = write(home.root, facts, home.signer).read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "")
    assert not any(word in page for word in (SECRET, "ann.lee", "Be brief", "Noted."))
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (home.root / "integrity").iterdir())


@pytest.mark.parametrize(
    ("ending", "old", "new"), [(".html", "None:", "All:"), (".json", "logs", "lags"), (".dsse.json", '"sig":"', '"sig":"A')]
)
def test_what_was_changed_after_signing_is_noticed(home: Home, ending: str, old: str, new: str):
    page = write(home.root, gather(home, MONTH), home.signer)
    signed, verdict = check(page, home.signer, home.audit_log)
    assert signed["month"] == MONTH
    assert verdict is not None
    assert verdict.is_whole
    changed = page.with_name(f"{MONTH}{ending}")
    text = changed.read_text().replace('"sig": "', '"sig":"')
    assert old in text
    changed.write_text(text.replace(old, new, 1))
    with pytest.raises(GoldworksError, match=r"changed after it was signed|does not fit|not a signed envelope"):
        check(page, home.signer, home.audit_log)


def test_another_checks_it_with_the_public_key_alone_and_a_lost_part_is_named(home: Home, tmp_path: Path):
    page = write(home.root, gather(home, MONTH), home.signer)
    elsewhere = Home(load_settings(home=tmp_path / "elsewhere")).prepare()
    given = shutil.copytree(page.parent, tmp_path / "given") / page.name
    with pytest.raises(GoldworksError, match="not known here"):
        check(given, elsewhere.signer, elsewhere.audit_log)
    signed, verdict = check(given.with_suffix(".json"), elsewhere.signer, elsewhere.audit_log, home.signer.public_file)
    assert (signed["month"], verdict) == (MONTH, None)
    given.with_suffix(".json").unlink()
    with pytest.raises(InputError, match="belong together"):
        check(given, elsewhere.signer, elsewhere.audit_log, home.signer.public_file)


def test_a_log_that_was_put_back_to_an_earlier_state_contradicts_the_page(home: Home):
    old = home.audit_log.path.read_bytes(), home.audit_log.head_path.read_bytes()
    home.audit_log.append("test.event", {})
    page = write(home.root, gather(home, MONTH), home.signer)
    home.audit_log.path.write_bytes(old[0])
    home.audit_log.head_path.write_bytes(old[1])
    assert home.audit_log.verify().is_whole, "by itself it cannot be known"
    _, verdict = check(page, home.signer, home.audit_log)
    assert verdict is not None
    assert verdict.broken_seq == 1


def test_a_policy_is_noted_once_for_each_change(home: Home):
    expectations, log = home.settings.expectations, home.audit_log
    assert note_policies(expectations, log) == []
    policy = expectations / "policies" / "keys.yml"
    policy.write_text(policy.read_text().replace("version: 1", "version: 2"))
    (expectations / "policies" / "intake.yml").unlink()
    assert note_policies(expectations, log) == ["policies/keys.yml", "policies/intake.yml"]
    assert note_policies(expectations, log) == []
    changes = gather(home, MONTH)["policies"]["changes"] or gather(home, f"{log.entries()[-1].at[:7]}")["policies"]["changes"]
    assert [(change["policy"], change["version"]) for change in changes] == [
        ("policies/keys.yml", "2"),
        ("policies/intake.yml", "removed"),
    ]


def test_the_command_says_what_it_found_mends_rights_and_checks(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("GOLDWORKS_HOME", str(home.root))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(home.settings.expectations))
    (home.root / "open").touch()
    (home.root / "open").chmod(0o666)

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    code, said = run("audit", "--month", MONTH)
    assert (code, "1 files or folders can be opened" in said) == (1, True)
    code, said = run("audit", "--month", MONTH, "--mend")
    assert (code, "No findings" in said) == (0, True)
    assert (home.root / "open").stat().st_mode & 0o777 == 0o600
    page = str(home.root / "integrity" / f"{MONTH}.html")
    assert run("audit", "--verify", page)[0] == 0
    kinds = [entry.kind for entry in home.audit_log.entries()]
    assert kinds[-3:] == ["audit.written", "rights.mended", "audit.written"]
    assert run("audit", "--month", "2026-13")[0] == 2
    code, said = run("keys", "rotate", "--signing", "--json")
    assert code == 0
    assert run("audit", "--verify", page)[0] == 0, "what the retired key signed stays valid"
    code, said = run("keys", "rotate", "--json")
    assert (code, json.loads(said)["identity_generation"]) == (0, 1)
    code, said = run("vault", "read", "--conversation", "conv-a", "--token", "<PERSON_1>", "--reason", "ticket 1")
    assert (code, "vault: on" in said) == (1, True)
    assert run("vault", "destroy", "--yes")[0] == 0
    assert home.audit_log.entries()[-1].kind == "vault.destroyed"
