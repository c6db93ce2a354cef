"""What users add to the redaction policy works, and each mistake in it is refused with file, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldworks.errors import PolicyError
from goldworks.redaction import Document, Field, Redactor, load_redactor
from goldworks.settings import PROJECT_ROOT

POLICY = (PROJECT_ROOT / "expectations" / "policies" / "redaction.yml").read_text(encoding="utf-8")
PATTERN = """own_patterns:
  - {name: staff, type: STAFF_NUMBER, pattern: '\\bS-\\d{6}\\b', must_match: [S-123456], must_not_match: [S-12]}
"""
KEYS = """own_keys:
  - {name: loyalty, type: LOYALTY_NUMBER, keys: [loyalty_no], must_match: [customerLoyaltyNo], must_not_match: [loyalty_level]}
"""
ALLOW = """allow_patterns:
  - name: ours
    pattern: '(?i)[a-z]+@support\\.acme\\.com'
    must_match: [returns@support.acme.com]
    must_not_match: [rosa@acme.com]
"""
EMPTY = {PATTERN: "own_patterns: []\n", KEYS: "own_keys: []\n", ALLOW: "allow_patterns: []\n"}


def loaded(folder: Path, *changes: tuple[str, str]) -> Redactor:
    text = POLICY
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "redaction.yml"
    path.write_text(text, encoding="utf-8")
    return load_redactor(path, b"\x06" * 32, "off")


def redact(redactor: Redactor, value: object, name: str = "text") -> object:
    (document,) = redactor.redact([Document("c", (Field("m", "user", name, value),))])
    return document.fields[0].value


def test_own_patterns_and_keys_give_tokens_of_their_own_types(tmp_path: Path):
    redactor = loaded(tmp_path, (EMPTY[PATTERN], PATTERN), (EMPTY[KEYS], KEYS))
    assert redact(redactor, "I am S-123456, she is S-654321") == "I am <STAFF_NUMBER_1>, she is <STAFF_NUMBER_2>"
    assert redact(redactor, {"memberLoyaltyNo": "gold nine", "loyalty_level": "gold"}, "tool_result") == {
        "memberLoyaltyNo": "<LOYALTY_NUMBER_1>",
        "loyalty_level": "gold",
    }


def test_an_own_key_wins_over_a_built_in_one(tmp_path: Path):
    mine = KEYS.replace("[loyalty_no]", "[email]").replace("customerLoyaltyNo", "workEmail")
    assert redact(loaded(tmp_path, (EMPTY[KEYS], mine)), {"email": "at home"}, "tool_result") == {"email": "<LOYALTY_NUMBER_1>"}


def test_what_is_allowed_stays_in_text_and_below_keys(tmp_path: Path):
    redactor = loaded(tmp_path, (EMPTY[ALLOW], ALLOW), ("allow: [127.0.0.1", "allow: [rosa@posteo.example, 127.0.0.1"))
    assert redact(redactor, "write to returns@support.acme.com") == "write to returns@support.acme.com"
    assert redact(redactor, "write to Rosa@posteo.example") == "write to Rosa@posteo.example"
    assert redact(redactor, {"email": "returns@support.acme.com"}, "tool_result") == {"email": "returns@support.acme.com"}
    assert redact(redactor, "write to rosa@acme.com") == "write to <EMAIL_ADDRESS_1>"


def test_what_is_allowed_is_allowed_for_its_types_only(tmp_path: Path):
    redactor = loaded(tmp_path, (EMPTY[ALLOW], ALLOW + "    types: [PHONE_NUMBER]\n"))
    assert redact(redactor, "write to returns@support.acme.com") == "write to <EMAIL_ADDRESS_1>"


def test_rules_of_other_languages_are_off(tmp_path: Path):
    listed = 'languages: [en, de, nl, sv, da, "no", fi, hu, fr, it, es, pt, pl, cs]'
    text = "Er wohnt Lindenstraße 14 in Köln"
    assert redact(loaded(tmp_path, (listed, "languages: [de]")), text) != text
    assert redact(loaded(tmp_path, (listed, "languages: [fr]")), text) == text


MISTAKES = [
    (PATTERN, "S-123456]", "S-1]", "own_patterns: staff: does not match its own example 'S-1'"),
    (PATTERN, "[S-12]", "[S-123457]", "own_patterns: staff: matches 'S-123457', which it must not"),
    (PATTERN, "\\bS-\\d{6}\\b", "(?=x)", "own_patterns: staff: not a regular expression of RE2"),
    (PATTERN, "\\bS-\\d{6}\\b", "x*", "own_patterns: staff: matches the empty text"),
    (PATTERN, "name: staff", "name: email", "own_patterns: email: a built-in rule has this name"),
    (PATTERN, "STAFF_NUMBER", "staff number", "own_patterns"),
    (PATTERN, "STAFF_NUMBER", "ERASED", "own_patterns: staff: ERASED is the type"),
    (PATTERN, "name: staff,", "name: staff, score: 0.3,", "own_patterns: staff: score 0.3 is below the threshold 0.5"),
    (PATTERN, "\\bS-\\d{6}\\b", "(S-", "not a regular expression of RE2: missing ): (S-"),
    (PATTERN, "must_match: [S-123456], ", "", "own_patterns"),
    (KEYS, "customerLoyaltyNo", "customer", "own_keys: loyalty: does not match its own example 'customer'"),
    (KEYS, "[loyalty_level]", "[my_loyalty_no]", "own_keys: loyalty: matches 'my_loyalty_no', which it must not"),
    (KEYS, "[loyalty_no]", "['--']", "own_keys: loyalty: '--' has no letter or digit"),
    (ALLOW, "returns@support.acme.com", "returns@acme.com", "allow_patterns: ours: does not match all of its own example"),
    (ALLOW, "rosa@acme.com", "rosa@support.acme.com", "allow_patterns: ours: allows 'rosa@support.acme.com'"),
    (
        ALLOW,
        "(?i)[a-z]+@support\\.acme\\.com",
        "[a-z.]+@[a-z]{6,7}\\.[a-z.]+",
        "allow_patterns: ours: too wide: it allows an e-mail address",
    ),
    (ALLOW, "(?i)[a-z]+@support\\.acme\\.com", "returns@.*|[\\d\\-]{12}", "allow_patterns: ours: too wide: it allows a phone"),
    (ALLOW, "name: ours", "nam: ours", "allow_patterns"),
]


@pytest.mark.parametrize(("block", "old", "new", "says"), MISTAKES)
def test_a_mistake_is_refused(tmp_path: Path, block: str, old: str, new: str, says: str):
    assert old in block
    with pytest.raises(PolicyError) as refused:
        loaded(tmp_path, (EMPTY[block], block.replace(old, new, 1)))
    assert says in str(refused.value)
    text = (tmp_path / "redaction.yml").read_text(encoding="utf-8")
    lines = range(text[: text.index(block.partition(":")[0])].count("\n") + 1, text.count("\n"))
    assert any(f"redaction.yml:{line}: " in str(refused.value) for line in lines), refused.value


def test_names_are_given_once_and_keys_have_one_type(tmp_path: Path):
    second = PATTERN.split("\n", 1)[1]
    with pytest.raises(PolicyError, match="given twice"):
        loaded(tmp_path, (EMPTY[PATTERN], PATTERN + second))
    other = KEYS.split("\n", 1)[1].replace("name: loyalty,", "name: club,").replace("LOYALTY_NUMBER", "CLUB")
    with pytest.raises(PolicyError, match="another type already"):
        loaded(tmp_path, (EMPTY[KEYS], KEYS + other))


def test_an_empty_allowed_value_and_an_unknown_language_are_refused(tmp_path: Path):
    with pytest.raises(PolicyError, match="allow: an empty value"):
        loaded(tmp_path, ("allow: [", "allow: ['', "))
    with pytest.raises(PolicyError, match="languages"):
        loaded(tmp_path, ("languages: [en,", "languages: [xx,"))
