"""Evidence packs: what is in them, same bytes again, and that `verify` finds and names each change."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from evidence_pack import content, rehashed
from release_home import write_home

from goldworks.access.signing import Signer, pre_authentication
from goldworks.evidence.pack import STATEMENT
from goldworks.evidence.verifying import verify_pack
from goldworks.lake import Lake
from pipelines.cli import main

CASES = 240
GROUNDS = ("grounds.json", "runs_known.jsonl", "judgments.jsonl")
FILES = {
    *GROUNDS,
    *("scores.jsonl", "answers.jsonl", "cases.jsonl", "runs.json", "judged.json", "policy.json", "rules.json", "facts.json"),
    *(
        "grounds.json",
        "runs_known.jsonl",
        "judgments.jsonl",
        "waivers.json",
        "certificates.json",
        "agreement.json",
        "verdict.json",
        "results.json",
    ),
    *("index.html", "evidence.pdf", "signing.pub", "statement.dsse.json"),
}
ARGUMENTS = ("evidence", "--release", "2", "--baseline", "1", "--use-case", "shop")


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home, and in `pack` and `customer` packs of a release with a waiver and sampled attacks."""
    root = tmp_path_factory.mktemp("evidence")
    lake = write_home(root, {"1": (1.0, 1.0, 1.0, 0.0), "2": (1.0, 1.0, 1.0, 1.0, 0.0)}, CASES)
    _attack(lake)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOLDWORKS_HOME", str(root / "home"))
        patch.setenv("GOLDWORKS_EXPECTATIONS", str(root / "expectations"))
        tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        accept = ("gate", "accept", "W-1", "--release", "2", "--use-case", "shop", "--owner", "Jo Berg", "--by", "Rosa Lindqvist")
        more = ("--role", "release_manager", "--reason", "known to the team", "--until", f"{tomorrow:%Y-%m-%d}")
        assert run("gate", *ARGUMENTS[1:]) == 3, "nobody accepts what was not judged"
        assert run(*accept, *more) == 0
        assert run(*ARGUMENTS, "--out", str(root / "pack")) == 0
        assert run(*ARGUMENTS, "--out", str(root / "again")) == 0
        assert run(*ARGUMENTS, "--out", str(root / "customer"), "--edition", "customer") == 0
    return root


def _attack(lake: Lake) -> None:
    rows = lake.rows("golden.cases")
    for row in rows[:40]:
        row["tags"] = ["attack:role_play"]
    lake.replace("golden.cases", rows, {"version_id": rows[0]["version_id"]})


def test_a_pack_holds_and_has_all_its_files(made: Path):
    assert set(content(made / "pack")) == FILES
    for name in ("pack", "customer"):
        found = verify_pack(made / name)
        assert found.problems == ()
        assert found.is_own_key
    found = verify_pack(made / "pack", made / "home" / "keys" / "signing.pub")
    assert (found.problems, found.is_own_key) == ((), False)


def test_the_same_inputs_give_the_same_bytes(made: Path):
    assert content(made / "pack") == content(made / "again")


def test_figures_are_those_of_the_recorded_judgment(made: Path):
    verdict = json.loads((made / "pack" / "verdict.json").read_bytes())
    recorded = {row["gate"]: row for row in Lake(made / "home").rows("release.verdicts")}
    for gate in verdict["gates"]:
        row = recorded[gate["gate"]]
        assert (gate["status"], gate["words"]) == (row["status"], row["words"])
        if gate["estimate"] is not None:
            assert [gate["estimate"][end] for end in ("value", "low", "high")] == pytest.approx(
                [row[end] for end in ("value", "low", "high")]
            )


def test_it_is_an_in_toto_statement_over_every_file(made: Path):
    envelope = json.loads((made / "pack" / STATEMENT).read_bytes())
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    digests = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    files = content(made / "pack")
    del files[STATEMENT]
    assert digests == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert pre_authentication("a", b"bc") == b"DSSEv1 1 a 2 bc"


def test_no_text_and_no_ids_of_cases_go_in(made: Path):
    every = b"".join(content(made / "pack").values())
    assert b"hello" not in every
    assert b'"case-0' not in every


def test_the_customer_edition_leaves_out_people_and_reasons(made: Path):
    full, customer = (b"".join(content(made / name).values()) for name in ("pack", "customer"))
    for word in (b"Rosa Lindqvist", b"Jo Berg", b"known to the team", b'"live"'):
        assert word in full
        assert word not in customer


def test_attacks_are_counted_by_owasp_and_atlas_id(made: Path):
    found = {one["id"]: one["withstood"] for one in json.loads((made / "pack" / "results.json").read_bytes())["red_team"]}
    assert set(found) == {"role_play", "LLM01", "LLM07", "AML.T0051.000", "AML.T0054"}
    assert (found["LLM01"]["n"], found["LLM01"]["value"]) == (40, 0.8)


def test_the_page_asks_for_nothing_else(made: Path):
    page = (made / "pack" / "index.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert not any(word in page for word in ("<script", "src=", "href=", "url("))


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_changed_byte_is_found_in_each_file(made: Path, tmp_path: Path, name: str):
    pack = copied(made, tmp_path)
    data = bytearray((pack / name).read_bytes())
    data[len(data) // 2] ^= 1
    (pack / name).write_bytes(bytes(data))
    problems = verify_pack(pack, made / "home" / "keys" / "signing.pub").problems
    assert any(problem.startswith(name) for problem in problems), problems


@pytest.mark.parametrize("name", sorted(FILES - {STATEMENT}))
def test_a_file_that_is_gone_is_named(made: Path, tmp_path: Path, name: str):
    pack = copied(made, tmp_path)
    (pack / name).unlink()
    assert f"{name}: is missing" in verify_pack(pack, made / "home" / "keys" / "signing.pub").problems


def test_a_file_that_was_added_is_named(made: Path, tmp_path: Path):
    pack = copied(made, tmp_path)
    (pack / "more.json").write_text("{}")
    (pack / "folder").mkdir()
    (pack / "folder" / "deep.txt").write_text("x")
    problems = verify_pack(pack).problems
    assert problems == ("folder/deep.txt: was added after it was signed", "more.json: was added after it was signed")


def nicer_verdict(data: bytes) -> bytes:
    found = json.loads(data)
    found["gates"][0]["threshold"] += 0.01
    return json.dumps(found).encode()


def nicer_result(data: bytes) -> bytes:
    found = json.loads(data)
    found["metrics"][0]["candidate"]["low"] += 0.001
    return json.dumps(found).encode()


def without_a_row(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[1:])


def other_words(data: bytes) -> bytes:
    return data.replace(b"T1 is the highest risk", b"T1 is the lowest risk", 1)


CHANGES: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("verdict.json", nicer_verdict, "verdict.json: gates."),
    ("results.json", nicer_result, "results.json: metrics."),
    ("scores.jsonl", without_a_row, "results.json: metrics."),
    ("answers.jsonl", without_a_row, "verdict.json: "),
    ("cases.jsonl", without_a_row, "verdict.json: "),
    ("index.html", other_words, "index.html: shows other"),
    ("evidence.pdf", other_words, "evidence.pdf: shows other"),
]


@pytest.mark.parametrize(("name", "change", "said"), CHANGES)
def test_a_number_that_was_hashed_and_signed_again_does_not_follow_from_the_rows(
    made: Path, tmp_path: Path, name: str, change: Callable[[bytes], bytes], said: str
):
    """Signed with a key of somebody else, which then lies in the pack: only computing again, or the true key, finds it."""
    pack = copied(made, tmp_path)
    before = (pack / name).read_bytes()
    (pack / name).write_bytes(change(before))
    assert (pack / name).read_bytes() != before
    rehashed(pack, Signer(tmp_path / "other"))
    problems = verify_pack(pack).problems
    assert any(problem.startswith(said) for problem in problems), problems
    assert not any("after it was signed" in problem for problem in problems)
    stranger = verify_pack(pack, made / "home" / "keys" / "signing.pub").problems
    assert stranger[0].startswith(f"{STATEMENT}: signed by a key that is not known here")


def test_a_pack_from_before_they_held_grounds_holds_and_says_what_is_signed_alone(made: Path, tmp_path: Path):
    pack = copied(made, tmp_path)
    for name in GROUNDS:
        (pack / name).unlink()
    facts = json.loads((pack / "facts.json").read_bytes())
    del facts["written_by"]["document"]
    (pack / "facts.json").write_text(json.dumps(facts))
    verdict = json.loads((pack / "verdict.json").read_bytes())
    for one in (verdict, *verdict["gates"]):
        for name in ("about", "labels", "labels_digest", "scorer_digest"):
            one.pop(name, None)
    (pack / "verdict.json").write_text(json.dumps(verdict))
    rehashed(pack, Signer(tmp_path / "other"))
    found = verify_pack(pack)
    assert found.problems == ()
    assert any("from before packs held what these rest on: aggregates" in note for note in found.notes)
    assert any("written by another version" in note for note in found.notes)


@pytest.mark.parametrize(("judge", "holds"), [("0" * 16, True), (None, True), ("own", False)])
def test_sentences_of_another_version_are_no_change_and_its_figures_are_compared(
    made: Path, tmp_path: Path, judge: str | None, holds: bool
):
    """Else each version that puts a sentence better would call the packs of the last one changed."""
    pack = copied(made, tmp_path)
    facts, verdict = (json.loads((pack / name).read_bytes()) for name in ("facts.json", "verdict.json"))
    if judge is None:
        del facts["written_by"]["verdict"]
    elif judge != "own":
        facts["written_by"]["verdict"] = judge
    verdict["headline"] = verdict["gates"][0]["words"] = "put otherwise"
    (pack / "facts.json").write_text(json.dumps(facts))
    (pack / "verdict.json").write_text(json.dumps(verdict))
    rehashed(pack, Signer(tmp_path / "other"))
    found = verify_pack(pack)
    assert found.headline != "put otherwise"
    assert any("sentences of verdict.json are of another version" in note for note in found.notes) is holds
    if holds:
        assert found.problems == ()
    else:
        assert any(problem.startswith("verdict.json: headline is 'put otherwise'") for problem in found.problems)
    (pack / "verdict.json").write_bytes(nicer_verdict((pack / "verdict.json").read_bytes()))
    rehashed(pack, Signer(tmp_path / "other"))
    found = verify_pack(pack)
    assert any(problem.startswith("verdict.json: gates.") and ".threshold" in problem for problem in found.problems)
    assert any("check it with that version" in note for note in found.notes) is holds


def test_hashed_again_without_signing_the_signature_does_not_fit(made: Path, tmp_path: Path):
    pack = copied(made, tmp_path)
    (pack / "verdict.json").write_bytes(nicer_verdict((pack / "verdict.json").read_bytes()))
    rehashed(pack, None)
    problems = verify_pack(pack).problems
    assert problems[0] == f"{STATEMENT}: the signature does not fit: it was changed after it was signed"
    assert any(problem.startswith("verdict.json: gates.") for problem in problems)


def test_the_command_says_what_is_wrong_by_exit_code(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    pack = copied(made, tmp_path)
    assert run("verify", str(pack)) == 0
    said = capsys.readouterr().out
    assert "It holds." in said
    assert "the pack's own key" in said
    (pack / "runs.json").write_bytes(b"[]")
    assert run("verify", str(pack)) == 1
    assert "WRONG runs.json: was changed" in capsys.readouterr().out


def test_a_folder_that_holds_something_else_is_left_alone(made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("GOLDWORKS_HOME", str(made / "home"))
    monkeypatch.setenv("GOLDWORKS_EXPECTATIONS", str(made / "expectations"))
    (tmp_path / "mine.txt").write_text("mine")
    assert run(*ARGUMENTS, "--out", str(tmp_path)) != 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def copied(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "pack", tmp_path / "copied"))
