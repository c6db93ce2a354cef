"""Values in pieces: cut by a line break, or held apart by white space that not every engine of expressions calls so."""

from __future__ import annotations

import pytest

from goldworks.redaction import Document, Field, Redactor, load_redactor
from goldworks.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return load_redactor(PROJECT_ROOT / "expectations" / "policies" / "redaction.yml", b"\x05" * 32, "off")


def redact(redactor: Redactor, *texts: str) -> list[str]:
    fields = tuple(Field(f"m{i}", "user", "text", text) for i, text in enumerate(texts))
    return [field.value for field in redactor.redact([Document("c", fields)])[0].fields]


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("to fabio.torreci\nlla@mail.example please", "to <EMAIL_ADDRESS_1> please"),
        ("to rosa@posteo.exam\nple please", "to <EMAIL_ADDRESS_1> please"),
        ("RIB: DE40-3593-2758-\n0027-7182-21", "RIB: <IBAN_1>"),
        ("key AIzarse1CyBhyuZrml5Y2Y2\n8GueCjOWalRxygYl", "key <API_KEY_1>"),
        ("SERVICE_KEY=AIzarse1CyBhyuZrml5Y2Y2\n8GueCjOWalRxygYl", "SERVICE_KEY=<API_KEY_1>"),
        ("--token bkua_3d9d4d40701\ne1555e612cc7362027dac38d8ab78 \\", "--token <API_KEY_1> \\"),
        ("api_key=Zx81kPq03LmA7\n9Xk2Qw4Rt6Yz8 ok", "api_key=<API_KEY_1> ok"),
    ],
)
def test_a_value_cut_by_a_line_break_leaves_nothing_though_a_piece_looks_whole(redactor: Redactor, text: str, redacted: str):
    assert redact(redactor, text) == [redacted]


def test_a_cut_value_is_the_same_as_the_uncut_one(redactor: Redactor):
    assert redact(redactor, "to fabio.torreci\nlla@mail.example", "fabio.torrecilla@mail.example") == [
        "to <EMAIL_ADDRESS_1>",
        "<EMAIL_ADDRESS_1>",
    ]


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Contact\nrosa@posteo.example", "Contact\n<EMAIL_ADDRESS_1>"),
        ("see www.host.com\nrosa@posteo.example", "see www.host.com\n<EMAIL_ADDRESS_1>"),
        ("first_name,e_mail\nrosa@posteo.example", "first_name,e_mail\n<EMAIL_ADDRESS_1>"),
        ("Ask rosa.\nrosa@posteo.example", "Ask rosa.\n<EMAIL_ADDRESS_1>"),
        ("rosa@posteo.example\nlater", "<EMAIL_ADDRESS_1>\nlater"),
        ("rosa@posteo.example\nfred@posteo.example", "<EMAIL_ADDRESS_1>\n<EMAIL_ADDRESS_2>"),
        ("key AIzarse1CyBhyuZrml5Y2Y28GueCjOWalRxygYl\nregion", "key <API_KEY_1>\nregion"),
        ("api_key=Zx81kPq03LmA7\nregion2=eu-west-1", "api_key=<API_KEY_1>\nregion2=eu-west-1"),
        ("api_key=Zx81kPq03LmA7\nOrder12345", "api_key=<API_KEY_1>\nOrder12345"),
        ("312-555-0199\n312-555-0188", "<PHONE_NUMBER_1>\n<PHONE_NUMBER_2>"),
    ],
)
def test_two_lines_stay_two_lines(redactor: Redactor, text: str, redacted: str):
    assert redact(redactor, text) == [redacted]


SPACES = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\u00a0", "\u2003", "\u2028", "\u2029", "\u3000"]


@pytest.mark.parametrize("space", SPACES)
def test_any_white_space_holds_a_value_together(redactor: Redactor, space: str):
    """What Python calls white space and the prefilters do not would hide a value from the one and not from the other."""
    assert space.isspace()
    card = f"card 4111{space}1111{space}1111{space}1111 ok"
    password, carried = f"my{space}password{space}is{space}Blue*Otter9", f"4111{space}1111 {space}11111111"
    assert redact(redactor, card, password, carried) == [
        "card <CREDIT_CARD_1> ok",
        f"my{space}password{space}is{space}<PASSWORD_1>",
        "<CREDIT_CARD_1>",
    ]
