"""What must be found in single texts, class by class of what engines of the common kind let through, and what must stay."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from goldworks.redaction import Document, Field, Redactor, load_redactor
from goldworks.redaction.prefilter import Re2Prefilter, build
from goldworks.redaction.rules import Judged, Rule
from goldworks.redaction.scanning import BUILT_IN
from goldworks.settings import PROJECT_ROOT

POLICY = PROJECT_ROOT / "expectations" / "policies" / "redaction.yml"


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return load_redactor(POLICY, b"\x05" * 32, "off")


def redact(redactor: Redactor, value: object, name: str = "text"):
    (document,) = redactor.redact([Document("c", (Field("m", "user", name, value),))])
    return document.fields[0].value


JWT = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjcifQ.eyJpc3MiOiJzaG9wIiwic3ViIjoiNDIifQ.MEUCIQDx9Yq2b7Lr0sFhVt"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrxQb1mHpu0sXaYd7Vn2qJ0wL3yq5k\nAoGCCqGSM49AwEHoUQDQgAE\n-----END EC "
"PRIVATE KEY-----"
SECRETS = [
    ("the key is sk-proj-Hh83nXq0LmPz71RtVw9cYb2D", "sk-proj-Hh83nXq0LmPz71RtVw9cYb2D"),
    ("use sk-9fJ2kLmN0pQrS7tUvWxYz1A2 for now", "sk-9fJ2kLmN0pQrS7tUvWxYz1A2"),
    ("id AKIAV7QHZ3MNX2LPR5TD", "AKIAV7QHZ3MNX2LPR5TD"),
    ("id AKIAVWQHZEMNXTLPRSTD", "AKIAVWQHZEMNXTLPRSTD"),
    ("AWS_SECRET_ACCESS_KEY=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", "wJ8rXUtnFE2mI/K7MDENG/bPxRfi9CYzEq5L0aTd"),
    (f"curl -H 'X-Auth: {JWT}'", JWT),
    (f"this is in the file:\n{PEM}\nbye", "MHcCAQEEIIrxQb1mHpu0sXaYd7Vn2qJ0wL3yq5k"),
    ('DB_PASS="qu4ck-Ers"', "qu4ck-Ers"),
    ("spring.datasource.password: wint3r!sun", "wint3r!sun"),
    ("the wifi passphrase is correcthorse, try it", "correcthorse"),
    ("my password is Blue*Otter9 and it fails", "Blue*Otter9"),
    ("connect to postgres://admin:pw0rd-7@db.internal:5432/shop", "pw0rd-7"),
    ("redis://:f00b4rbaz@cache/0 times out", "f00b4rbaz"),
    ("open https://files.example.org/d?id=7&sig=Zx81kPq03LmA&x=1", "Zx81kPq03LmA"),
    ("Authorization: Bearer 7d1c0ab2f4e94bd3a1cf", "7d1c0ab2f4e94bd3a1cf"),
    ("curl -u elena:gr33nTea! https://api.example.org", "gr33nTea!"),
    ("ghp_h2Kd83LsQp0ZtY6bVn41MxRw7CjEa9TfUi5G works", "ghp_h2Kd83LsQp0ZtY6bVn41MxRw7CjEa9TfUi5G"),
    ("kind: Secret\ndata:\n  password: czNjcmV0LXZhbHVl\n", "czNjcmV0LXZhbHVl"),
]
PERSONAL = [
    ('{"said": "rosa\\u0040posteo.example"}', "posteo"),
    ("card 4111\\u00a01111\\u00a01111\\u00a01111", "1111"),
    ("my account is tomas_keller_8821, please look", "tomas_keller_8821"),
    ("deliver to 77 Old Mill Road, Leeds LS1 4AP", "77 Old Mill Road"),
    ("I moved to 4120 W Belmont Ave Apt 3, Chicago, IL 60641", "4120 W Belmont Ave"),
    ("Ich wohne in der Lindenstraße 14, 10969 Berlin", "Lindenstraße 14"),
    ("hey, my name is aloisia brandner", "aloisia brandner"),
    ("My name is Aloisia Brandner.", "Aloisia Brandner"),
    ("Dear Mrs. Okonjo, we are sorry", "Okonjo"),
    ("ring me on 374 780 163 after five", "374 780 163"),
    ("phone: (019) 883-4420", "(019) 883-4420"),
    ("call +44 20 7946 0018", "+44 20 7946 0018"),
    ("mobile 07700 900461", "07700 900461"),
    ("call 312-555-0199 ext. 42", "312-555-0199 ext. 42"),
    ("my cell is five five five, oh one nine nine, four two", "oh one nine nine"),
    ("card 676770000013", "676770000013"),
    ("6304 9000 1774 0292 441", "6304 9000 1774 0292 441"),
    ("pay with 4111.1111.1111.1111", "4111.1111.1111.1111"),
    ("card number: 4111 1111 1111 1112", "4111 1111 1111 1112"),
    ("IBAN DE12 3704 0044 0532 0130 99 please", "DE12 3704 0044 0532 0130 99"),
    ("FR7630006000011234567890189", "FR7630006000011234567890189"),
    ("write to rosa at posteo dot example", "rosa at posteo dot example"),
    ("write to rosa [at] posteo [dot] example", "rosa [at] posteo [dot] example"),
    ("ro\u200bsa@pos\u200bteo.example", "teo.example"),
    ("r\u043esa@posteo.ex\u0430mple", "posteo"),
    ("rosa%40posteo.example", "rosa%40posteo.example"),
    ("rosa&#64;posteo.example", "rosa&#64;posteo.example"),
    ("my card is 4111 1111\n1111 1111 ok", "1111\n1111"),
    ("it is rosa.lind@pos\nteo.example", "rosa.lind@pos\nteo.example"),
    ("SSN 219-09-9999", "219-09-9999"),
    ("from 198.51.100.23 and 2001:db8::8a2e:370:7334", "198.51.100.23"),
    ("from 198.51.100.23 and 2001:db8::8a2e:370:7334", "2001:db8::8a2e:370:7334"),
    ("mac 3c:52:82:1f:aa:09", "3c:52:82:1f:aa:09"),
    ("born on 12 March 1987", "12 March 1987"),
    ("my passport is X4820193", "X4820193"),
    ("follow @rosa_lind88", "rosa_lind88"),
    ("driver's license: D4410-9921-5563", "D4410-9921-5563"),
]


@pytest.mark.parametrize(("text", "value"), SECRETS + PERSONAL)
def test_is_found(redactor: Redactor, text: str, value: str):
    assert value in text
    redacted = redact(redactor, text)
    assert value not in redacted
    assert redactor.find_leaks([redacted]) == []


@pytest.mark.parametrize("value", ["rosa.lind@posteo.example", "my password is Blue*Otter9", "4111111111111111"])
def test_base64_is_read(redactor: Redactor, value: str):
    run = base64.b64encode(value.encode()).decode()
    assert run not in redact(redactor, f"payload {run} end")


STAYS = [
    "order ORD-5521-993817 and tracking 1Z999AA10123456784",
    "request 0b3f1f6e-5a07-4f0c-9c3e-6e1f0a9b7d55",
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "version 10.15.7.1234 of python 3.11.7",
    "on build 13.10.1.138 since May",
    "2026-11-25 19:04:33 and 25/11/2026, 1998-2004",
    "it costs 1,299.00 or 1200 - 500 - 300",
    "between 10 000 000 and 12 500 000 people",
    "the number 4556631914783970 is not mine",
    "ISBN 978-3-16-148410-0",
    "invoice 2125550146",
    "logger.info(gmail.com) at example.com",
    "we met at noon.today it rained",
    "JFK to Austin, Config and Email",
    "max_tokens=4096, token_type: bearer",
    "the password is required and must be strong",
    "your password was changed",
    "def get_token(key=None): return self.key",
    "a table for 2 at 11:30, rated 4.5 of 5, 12 reviews",
    "3 days of the week, 20 minutes drive, 5 star hotel",
    "@property and @media screen",
    "one two three four five six seven eight nine ten",
    "snake_case_name and test_file_01.py",
]


@pytest.mark.parametrize("text", STAYS)
def test_look_alikes_stay(redactor: Redactor, text: str):
    assert redact(redactor, text) == text


KEYED = [
    ({"first_name": "Yara", "last_name": "Garcia"}, ["Yara", "Garcia"]),
    ({"user": {"name": "Yara Garcia", "zip": "19122"}}, ["Yara Garcia", "19122"]),
    ({"address1": "near the old oak", "city": "Perth"}, ["near the old oak"]),
    ({"dob": "1990-04-01"}, ["1990-04-01"]),
    ({"billingPhoneNumber": 5550132}, ["5550132"]),
    ({"emails": ["a@x.example", "b@x.example"]}, ["a@x.example", "b@x.example"]),
    ({"fields": [{"name": "email", "value": "at home"}]}, ["at home"]),
    ({"auth": {"password": "hunter"}}, ["hunter"]),
    ({"rosa@posteo.example": 1}, ["rosa@posteo.example"]),
]


@pytest.mark.parametrize(("value", "gone"), KEYED)
def test_json_keys_say_what_a_value_is(redactor: Redactor, value: object, gone: list[str]):
    redacted = redact(redactor, value, "tool_result")
    assert not [text for text in gone if text in str(redacted)]


@pytest.mark.parametrize(
    "value",
    [
        {"items": [{"name": "Blue Mug", "price": 12.5, "sku": "MUG-1"}]},
        {"restaurant_name": "Il Postale", "rating": 4, "city": "Sunnyvale"},
        {"song": {"name": "Yellow", "artist": "Coldplay"}},
        {"count": 3, "ok": True, "none": None, "email": "", "phone": "unknown"},
        [{"id": "call-1", "name": "find_hotel", "arguments": {"location": "Austin", "stars": "5"}}],
    ],
)
def test_names_of_things_stay(redactor: Redactor, value: object):
    assert redact(redactor, value, "tool_calls") == value


HELD = {
    "dob": "1981-04-03",
    "address1": "Mill House",
    "last_name": "brandner",
    "password": "tree",
    "username": "rosy",
    "zip": 2139,
}
CITY = {"city": "Ulm", "note": "call me", "name": "Blue Mug", "username": "string", "phone": None}


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("form", ["%s", '[{"type": "text", "text": "ok"}, %s]'])
def test_json_in_a_string_is_read_by_its_keys(redactor: Redactor, times: int, form: str):
    text = form % json.dumps(HELD | CITY)
    for _ in range(times - 1):
        text = json.dumps({"result": text, "n": 1})
    done = str(redact(redactor, text))
    assert not [value for value in HELD.values() if str(value) in done], done
    assert all(str(value) in done for value in CITY.values() if value)
    assert redact(redactor, done) == done


def test_json_within_a_sentence_is_read_by_its_keys_and_code_keeps_its_examples(redactor: Redactor):
    text = 'I sent {"first_name": "rosa", "user_id": 4711, "password": "required", "address": "your address"} twice'
    assert redact(redactor, text) == (
        'I sent {"first_name": "<PERSON_1>", "user_id": <USERNAME_1>, "password": "required", "address": "your address"} twice'
    )


def test_json_keeps_its_types(redactor: Redactor):
    redacted = redact(
        redactor, {"phone": 2125550146, "n": 1.5, "flag": True, "email": "a@x.example", "left": None}, "tool_result"
    )
    assert redacted == {"phone": 0, "n": 1.5, "flag": True, "email": "<EMAIL_ADDRESS_1>", "left": None}


def test_very_long_text_and_hostile_rows_come_through(redactor: Redactor):
    rows = [
        "a",
        "1 ",
        "1-",
        "a.b@",
        "password",
        "eyJ",
        "A1",
        "-----BEGIN PRIVATE KEY-----\n",
        "token=",
        "John ",
        "12 Oak ",
        "at x dot ",
    ]
    for row in rows:
        text = f"{row * (100_000 // len(row))} mail rosa@posteo.example"
        (document,) = redactor.redact([Document("c", (Field("m", "user", "text", text),))])
        assert not document.fields[0].is_withheld
        assert "rosa@posteo.example" not in document.fields[0].value


def test_what_cannot_be_processed_is_withheld(redactor: Redactor):
    deep: object = "rosa@posteo.example"
    for _ in range(200):
        deep = [deep]
    fields = (
        Field("m1", "tool", "tool_result", deep),
        Field("m2", "tool", "tool_result", {"x": object()}),
        Field("m3", "user", "text", "fine"),
    )
    (document,) = redactor.redact([Document("c", fields)])
    assert [(f.value, f.is_withheld) for f in document.fields] == [
        ("<WITHHELD:too_deep>", True),
        ("<WITHHELD:not_json>", True),
        ("fine", False),
    ]


def test_a_failure_withholds_its_field_alone(redactor: Redactor, monkeypatch: pytest.MonkeyPatch):
    scan = redactor._scanner.scan

    def fails(texts):
        texts = list(texts)
        if any("boom" in text for text, _ in texts):
            raise RuntimeError("secret-in-message")
        return scan(texts)

    monkeypatch.setattr(redactor._scanner, "scan", fails)
    fields = (Field("m1", "user", "text", "boom rosa@posteo.example"), Field("m2", "user", "text", "mail rosa@posteo.example"))
    (document,) = redactor.redact([Document("c", fields)])
    assert [f.value for f in document.fields] == ["<WITHHELD:error>", "mail <EMAIL_ADDRESS_1>"]


@pytest.mark.parametrize(
    "value",
    [
        "0b3f1f6e-5a07-4f0c-9c3e-6e1f0a9b7d55",
        "ab" * 16,
        "conv_b6b783376e4654fe",
        "conv_be94b80a922278f8",
        "2.4.0",
        "gpt-4o-2024-08-06",
        "ORD-2104-192744",
        "call_9fJ2kLmN0pQr",
        "find_hotel",
        "production",
        "r3",
        "2026-11-03",
        "wow-18233",
        "claude-sonnet-4-20250514",
        "",
    ],
)
def test_ids_stay(redactor: Redactor, value: str):
    assert redactor.safe_id(value) == value


@pytest.mark.parametrize(
    "value", ["rosa@posteo.example", "sk-proj-Hh83nXq0LmPz71RtVw9cYb2D", "198.51.100.23", "4111111111111111"]
)
def test_an_id_that_is_personal_data_is_hashed_once(redactor: Redactor, value: str):
    safe = redactor.safe_id(value)
    assert safe.startswith("id-")
    assert value not in safe
    assert redactor.safe_id(safe) == safe


def test_leaks_are_found_in_what_should_hold_none(redactor: Redactor):
    (leak,) = redactor.find_leaks(["fine <PERSON_1>", "<EMAIL_ADDRESS_1> or rosa@posteo.example"])
    assert (leak.index, leak.type, leak.start, leak.end) == (1, "EMAIL_ADDRESS", 21, 40)


def test_what_was_seen_before_is_still_known_when_the_memory_is_full(redactor: Redactor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("goldworks.redaction.scanning._CACHE_CHARACTERS", 0)
    texts = ["write to ann.lee@example.com", "hello"]
    assert len(redactor.find_leaks(texts[:1])) == 1
    assert len(redactor.find_leaks(texts)) == 1
    assert len(redactor.find_leaks(texts)) == 1


def factor(rule: Rule, match: re.Match[str]) -> float:
    verdict = rule.check(match)
    return verdict.factor if isinstance(verdict, Judged) else verdict


def test_both_prefilters_miss_nothing_that_a_rule_matches():
    pytest.importorskip("hyperscan")
    texts = [text for text, _ in SECRETS + PERSONAL] + STAYS
    hints = [rule.hint for rule in BUILT_IN]
    for prefilter in (build(hints), Re2Prefilter(hints)):
        hits = prefilter.candidates(texts)
        for index, text in enumerate(texts):
            candidates = hits.get(index, set())
            matching = {
                i for i, rule in enumerate(BUILT_IN) if any(factor(rule, match) > 0 for match in rule.regex.finditer(text))
            }
            assert matching <= candidates, [BUILT_IN[index].name for index in matching - candidates]


def test_the_policy_file_is_what_switches_rules(tmp_path: Path, redactor: Redactor):
    path = tmp_path / "redaction.yml"
    path.write_text(POLICY.read_text(encoding="utf-8").replace("  email: 0.98", "  email: 0"), encoding="utf-8")
    other = load_redactor(path, b"\x05" * 32, "off")
    assert redact(other, "mail rosa@posteo.example") == "mail rosa@posteo.example"
    assert other.policy_version != redactor.policy_version
