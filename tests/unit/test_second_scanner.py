"""The second look at what is published: scanners that are not ours, what people accepted, and a leak that was planted."""

from __future__ import annotations

import datetime as dt
import json
import logging
import socket
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.proof import scan_published, second_scanner
from assets.resources import Goldworks
from goldworks.adapters import published
from goldworks.adapters.second_scanner import SecondScanner
from goldworks.errors import PolicyError
from goldworks.home import open_home
from goldworks.proof.clean import Remembering
from goldworks.proof.leaves import leaves
from goldworks.proof.texts import page_texts
from goldworks.proof.triage import NOT_SCANNED, Accepted, Hit, SecondScannerPolicy, load_second_scanner_policy, scan
from goldworks.settings import PROJECT_ROOT

POLICY = load_second_scanner_policy(PROJECT_ROOT / "expectations")
TODAY = dt.date(2026, 11, 25)
SCANNER = SecondScanner(POLICY.types)
LEAKS = {
    "mail rosa@posteo.de now": "EMAIL_ADDRESS",
    "call (212) 555-0146 today": "PHONE_NUMBER",
    "card 4111 1111 1111 1111": "CREDIT_CARD",
    "iban DE89370400440532013000": "IBAN_CODE",
    "from 192.0.2.17 again": "IP_ADDRESS",
    "ssn 536-90-4399": "US_SSN",
    "key AKIAQYLPMN5HHHFPZAM2 there": "SECRET",
}


@pytest.mark.parametrize(("text", "type_"), LEAKS.items())
def test_what_everybody_calls_personal_is_found_without_a_network(text: str, type_: str, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert type_ in {hit.type for hit in SecondScanner(POLICY.types).scan([text])[0]}


def test_ids_in_hexadecimal_digits_are_passed_over_and_numbers_are_not():
    ids = ["9b1c0e5f4111111111111111aa00ff12", "e38649384b344d5bc4d489b28367627c", "00f067aa0ba902b7"]
    assert SCANNER.scan(ids) == [[], [], []]
    assert [len(hits) > 0 for hits in SCANNER.scan([*ids, "4111111111111111", f"id {ids[0]} of rosa@posteo.de"])] == [
        False,
        False,
        False,
        True,
        True,
    ]


@given(st.lists(st.sampled_from([*LEAKS, "nothing at all", "", "ö 😀 rosa@posteo.de"]), max_size=30))
def test_texts_are_judged_alike_alone_and_together(texts: list[str]):
    together = SCANNER.scan(texts)
    assert together == [SCANNER.scan([text])[0] for text in texts]
    for text, hits in zip(texts, together, strict=True):
        assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)


HARD = "a" * 40 + "x" * 4000
"""A text that `slow` backtracks in for ages."""
MAIL = "mail rosa@posteo.de now"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SecondScanner:
    """A scanner with a pattern that runs out of time on `HARD`, which Presidio logs and passes over."""
    from presidio_analyzer import Pattern, PatternRecognizer, pattern_recognizer

    monkeypatch.setattr(pattern_recognizer, "REGEX_TIMEOUT_SECONDS", 0.6)
    monkeypatch.setattr(logging.getLogger("presidio-analyzer"), "disabled", True)
    pattern = Pattern("slow", r"(a|aa|b+)+\1*(x+x+)+y", 0.5)
    scanner = SecondScanner(POLICY.types)
    monkeypatch.setattr(scanner, "_recognizers", [PatternRecognizer("MAC_ADDRESS", patterns=[pattern]), *scanner._recognizers])
    scanner.scan([MAIL])  # what is loaded at the first text takes its time too
    return scanner


def test_a_text_on_which_a_pattern_runs_out_of_time_is_not_clean_and_its_neighbours_are_scanned(slow: SecondScanner):
    hard = f"{MAIL} {HARD}"
    clean, unknown, mail = slow.scan(["nothing at all", hard, MAIL])
    assert clean == []
    assert unknown[0] == Hit(0, len(hard), NOT_SCANNED, 1.0)
    assert [hit.type for hit in unknown[1:]] == ["EMAIL_ADDRESS"], "the other patterns are heard"
    assert [hit.type for hit in mail] == ["EMAIL_ADDRESS"]


def test_what_could_not_be_scanned_is_never_remembered_as_clean(slow: SecondScanner, tmp_path: Path):
    for _ in range(2):
        remembering = Remembering(slow, tmp_path, b"k" * 32, slow.fingerprint)
        assert [hit.type for hit in remembering.scan(["nothing at all", HARD])[1]] == [NOT_SCANNED]
    assert (tmp_path / "second_scanner.clean").stat().st_size == 16, "the head and the one clean text"


def test_what_could_not_be_scanned_is_open_until_somebody_accepts_just_that():
    class Helpless:
        def scan(self, texts):
            return [[Hit(0, len(text), NOT_SCANNED, 1.0)] for text in texts]

    def scanned(*accepted: Accepted):
        return scan([("marts.t.c", ["a", "b"])], Helpless(), policy(*accepted), lambda value: f"{ord(value):012x}", TODAY)

    because = "looked at, is nobody's"
    assert [(one.place, one.type, one.digest) for one in scanned().open] == [
        ("marts.t.c", NOT_SCANNED, "000000000061"),
        ("marts.t.c", NOT_SCANNED, "000000000062"),
    ]
    assert scanned().not_scanned == 2
    assert len(scanned(Accepted(places="*", because=because)).open) == 2, (
        "who accepts any finding has not read what nobody could scan"
    )
    read = Accepted(places="*", types=(NOT_SCANNED,), digest="000000000061", because=because)
    assert [one.digest for one in scanned(read).open] == ["000000000062"]


def test_the_check_fails_on_what_could_not_be_scanned(goldworks: Goldworks, slow: SecondScanner, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assets.proof.SecondScanner", lambda types: slow)
    publish(goldworks.home.root, HARD)
    result = second_scanner(goldworks)
    assert not result.passed
    assert result.metadata["not_scanned"].value == 2, "of the column and of its list"
    assert "marts.fct_turns.note" in str(result.metadata["open"].value)
    assert second_scanner(goldworks).metadata["not_scanned"].value == 2


def policy(*accepted: Accepted) -> SecondScannerPolicy:
    return SecondScannerPolicy(version=1, score=0.4, types=("EMAIL_ADDRESS",), accepted=accepted)


def found(*accepted: Accepted, text: str = "rosa@posteo.de") -> int:
    return len(scan([("marts.t.c", [text])], SCANNER, policy(*accepted), lambda value: "0123456789ab", TODAY).open)


def test_tokens_are_no_findings():
    assert found(text="<EMAIL_ADDRESS_1> and <WITHHELD:error>") == 0


def test_a_finding_is_open_until_somebody_accepts_its_place_its_type_and_its_value():
    because = "looked at, is a shared mailbox"
    assert found() == 1
    assert found(Accepted(places="marts.*.c", because=because)) == 0
    assert found(Accepted(places="golden.*", because=because)) == 1
    assert found(Accepted(places="*", types=("PHONE_NUMBER",), because=because)) == 1
    assert found(Accepted(places="*", digest="0123456789ab", because=because)) == 0
    assert found(Accepted(places="*", digest="ffffffffffff", because=because)) == 1
    assert found(Accepted(places="*", because=because, until=TODAY)) == 0
    assert found(Accepted(places="*", because=because, until=TODAY - dt.timedelta(days=1))) == 1


def test_an_acceptance_without_a_reason_is_refused_by_its_line(tmp_path: Path):
    (tmp_path / "policies").mkdir()
    file = tmp_path / "policies" / "second_scanner.yml"
    file.write_text("version: 1\nscore: 0.4\ntypes: [EMAIL_ADDRESS]\naccepted:\n  - places: '*'\n")
    with pytest.raises(PolicyError, match=r"second_scanner.yml:5: .*because"):
        load_second_scanner_policy(tmp_path)


def test_a_page_is_read_as_its_reader_sees_it(tmp_path: Path):
    (tmp_path / "a.html").write_text("<p>rosa&#64;posteo<b></b></p><script>var x = '<style></style> hidden@posteo.de'</script>")
    [(place, lines)] = page_texts(tmp_path, "pages")
    assert (place, lines) == ("pages.a.html", ["rosa@posteo"])


def test_json_is_taken_apart_whatever_it_lies_in():
    inner = '{"to": "rosa@posteo.de", "to": "ugo@posteo.de", "n": 4111111111111111, "score": 0.4111111111111111}'
    value = {"arguments": inner, "ids": ["a1", 7, 12.0, 0.5, True, None]}
    kept = ["arguments", "to", "rosa@posteo.de", "to", "ugo@posteo.de", "n", "4111111111111111", "score", "ids", "a1", "7", "12"]
    assert [text for _, text in leaves(value)] == kept
    assert [text for _, text in leaves(json.dumps(value))] == kept


def test_the_place_of_a_leaf_names_our_own_fields_and_no_key_of_anybody_else():
    value = [{"id": "c1", "arguments": {"rosa@posteo.de": {"id": "x"}}}]
    at = dict(reversed(pair) for pair in leaves(value, "c"))
    assert at["c1"] == "c.id"
    assert at["x"] == "c.arguments.id"
    assert at["rosa@posteo.de"] == "c.arguments"


@pytest.mark.parametrize("text", ["", "[not JSON]", "{", '"a"', "4111", "[" * 100_000, "[" + "1" * 5000 + "]"])
def test_what_is_no_json_is_one_text(text: str):
    assert list(leaves(text, "c")) == [("c", text)]


@pytest.mark.parametrize("text", ["HO-16873", "0970429316910964", "http://127.0.0.1:8089/v1", "0.0.0.0", "::1"])
def test_what_is_nobodys_by_its_form_is_no_finding(text: str):
    """An order number of five digits, a span id of sixteen, this machine."""
    assert SCANNER.scan([text]) == [[]]


@pytest.mark.parametrize("text", ["030 123456", "+49 30 1234567890", "212-555-0146", "10.1.2.3", "2001:db8::8a2e:370:7334"])
def test_what_may_be_somebodys_stays_a_finding(text: str):
    assert SCANNER.scan([text])[0] != []


def test_a_page_of_json_is_read_by_its_leaves(tmp_path: Path):
    (tmp_path / "a.json").write_text('{"at": 1764115200123,\n "note": "one  two"}')
    [(_, lines)] = page_texts(tmp_path, "mlflow")
    assert lines == ["at", "1764115200123", "note", "one", "two"]


@pytest.fixture
def goldworks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Goldworks:
    monkeypatch.setenv("GOLDWORKS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOLDWORKS_NAMES", "off")
    monkeypatch.setenv("DAGSTER_HOME", "set here so that it is reset")
    open_home()
    return Goldworks()


def publish(root: Path, value: str) -> None:
    with duckdb.connect(str(root / published.FILE)) as connection:
        connection.execute("create or replace table fct_turns as select ? as note, 1 as n, ['x', ?] as tags", [value, value])


def test_the_check_passes_on_a_clean_home_and_fails_on_a_planted_leak_without_showing_it(goldworks: Goldworks):
    publish(goldworks.home.root, "an ordinary remark")
    assert second_scanner(goldworks).passed
    publish(goldworks.home.root, "write to rosa@posteo.de")
    result = second_scanner(goldworks)
    assert not result.passed
    shown = str({name: value.value for name, value in result.metadata.items()})
    assert "marts.fct_turns.note" in shown
    assert "marts.fct_turns.tags" in shown
    assert "rosa@posteo.de" not in shown


@pytest.mark.parametrize(("leak", "type_"), LEAKS.items())
def test_a_value_is_found_in_every_corner_of_a_json_column(goldworks: Goldworks, leak: str, type_: str):
    """As a value, as a key, in a list, in JSON that is a string in other JSON, and in a column of structures."""
    corners = [{"a": {"b": leak}}, {leak: 1}, [0.123456789, [leak]], {"arguments": json.dumps({"q": json.dumps([leak])})}]
    with duckdb.connect(str(goldworks.home.root / "review.duckdb")) as connection:
        for number, corner in enumerate(corners):
            connection.execute(f"create table t{number} as select ?::json as declared, ? as plain", [json.dumps(corner)] * 2)
        connection.execute("create table s as select [{'id': 'p1', 'text': ?}] as passages", [leak])
    found = {(one.place, one.type) for one in scan_published(goldworks.home).open}
    places = {place for place, found_type in found if found_type == type_}
    plain = {f"review.t{number}.{name}" for number in range(3) for name in ("declared", "plain")}
    assert places >= {*plain, "review.t3.declared.arguments", "review.t3.plain.arguments", "review.s.passages.text"}


def test_a_card_number_that_is_a_json_number_is_found(goldworks: Goldworks):
    with duckdb.connect(str(goldworks.home.root / "review.duckdb")) as connection:
        connection.execute("create table t as select ? as result", ['{"card": 4111111111111111}'])
    assert "CREDIT_CARD" in {one.type for one in scan_published(goldworks.home).open}


def test_neighbours_in_json_make_no_number(goldworks: Goldworks):
    """Quantities, scores and short ids that only the JSON puts beside each other."""
    rows = ['{"scores": [0.2125550146, 0.9871234567], "sizes": [212, 555, 146], "ids": ["212", "555", "0146"]}']
    with duckdb.connect(str(goldworks.home.root / "review.duckdb")) as connection:
        connection.execute("create table t as select ? as result, ['212', '555', '0146'] as span_ids", rows)
    assert scan_published(goldworks.home).open == ()
