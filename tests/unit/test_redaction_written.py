"""Values as programs and forms write them: markup, tables, YAML, commands, headers, labels; and what only looks like them."""

from __future__ import annotations

import pytest

from goldworks.redaction import Document, Field, Redactor, load_redactor
from goldworks.settings import PROJECT_ROOT

POLICY = PROJECT_ROOT / "expectations" / "policies" / "redaction.yml"


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return load_redactor(POLICY, b"\x05" * 32, "off")


def redact(redactor: Redactor, text: str) -> str:
    (document,) = redactor.redact([Document("c", (Field("m", "user", "text", text),))])
    return str(document.fields[0].value)


WRITTEN = [
    ("db:\n  password: $ecret1!x\n  user: app", "db:\n  password: <PASSWORD_1>\n  user: app"),
    ("my password is $unny#Day", "my password is <PASSWORD_1>"),
    ("Account: 7305518264", "Account: <IDENTITY_NUMBER_1>"),
    ("account #: 73-0551-8264, as always", "account #: <IDENTITY_NUMBER_1>, as always"),
    ("Konto-Nr.: 532013000 bei der Bank", "Konto-Nr.: <IDENTITY_NUMBER_1> bei der Bank"),
    ("account number 7305518264 is locked", "account number <IDENTITY_NUMBER_1> is locked"),
    ("# Ask Dr. Miller", "# Ask Dr. <PERSON_1>"),
    ("Dear Mr. Okonjo,", "Dear Mr. <PERSON_1>,"),
    ("Dear Prof. Dr. Okonjo,", "Dear Prof. Dr. <PERSON_1>,"),
    ("Hello Frau Okonjo, is Frau Miller in?", "Hello Frau <PERSON_1>, is Frau <PERSON_2> in?"),
    ("Hi Ms Okonjo!", "Hi Ms <PERSON_1>!"),
    ('<patient id="7" name="Ayodele Brandner">', '<patient id="7" name="<PERSON_1>">'),
    ("<customer>\n  <name>Ayodele Brandner</name>", "<customer>\n  <name><PERSON_1></name>"),
    ("<lastName>Brandner</lastName>", "<lastName><PERSON_1></lastName>"),
    ('it sent {"patient": {"id": 4, "name": "Ayodele"}} back', 'it sent {"patient": {"id": 4, "name": "<PERSON_1>"}} back'),
    ('"first_name": "Ayodele", "n": 1', '"first_name": "<PERSON_1>", "n": 1'),
    (
        "id,dob,seen_on\n1,1990-04-01,2026-11-03\n2,03/12/1985,2026-11-03",
        "id,dob,seen_on\n1,<DATE_OF_BIRTH_1>,2026-11-03\n2,<DATE_OF_BIRTH_2>,2026-11-03",
    ),
    (
        '"town","date of birth"\n"Ulm, Germany","01.04.1990"\n\n"next","2026-11-03"',
        '"town","date of birth"\n"Ulm, Germany","<DATE_OF_BIRTH_1>"\n\n"next","2026-11-03"',
    ),
    ("| n | birthday |\n|---|---|\n| 1 | 19900401 |", "| n | birthday |\n|---|---|\n| 1 | <DATE_OF_BIRTH_1> |"),
    ("curl -u 'elena:Sommer2031' https://a.example", "curl -u 'elena:<PASSWORD_1>' https://a.example"),
    ("Authorization: 3f7a90c1-58d2-4be6-9a04-c1d27e5b8f36", "Authorization: <API_KEY_1>"),
    ("I live at 12 Harbour Street. It rains.", "I live at <STREET_ADDRESS_1>. It rains."),
    ("Send it to 12 Harbour Street.", "Send it to <STREET_ADDRESS_1>."),
    ("12 Harbour St. is where I live", "<STREET_ADDRESS_1> is where I live"),
]


@pytest.mark.parametrize(("text", "redacted"), WRITTEN)
def test_is_replaced_and_nothing_beside_it(redactor: Redactor, text: str, redacted: str):
    assert redact(redactor, text) == redacted
    assert redact(redactor, redacted) == redacted


STAYS = [
    "Hi Miss!",
    "Dear Dr.,",
    "password: $DB_PASS",
    "password: ${DB_PASS}",
    "password: $(cat /run/db)",
    "password=$DB_PASS! then go on",
    "if ($password!=$other) return",
    "account: 2026-11-03",
    "account: 20261103",
    "account: acme-prod-12345",
    "account 12: open",
    "X-Request-Id: 3f7a90c1-58d2-4be6-9a04-c1d27e5b8f36",
    '<input name="Email" placeholder="First name">',
    '<product name="Blue Mug" id="4">',
    'firstName="First" lastName="Last Name"',
    '{"patient": {"ward": "North"}, "name": "Blue Mug"}',
    "id,dob,seen_on\n1,,2026-11-03",
    "released 2026-11-03, birthday cake,\n2026-11-03",
    "the dob column\nfrom 2026-11-03",
]


@pytest.mark.parametrize("text", STAYS)
def test_stays(redactor: Redactor, text: str):
    assert redact(redactor, text) == text


def test_words_of_programs_are_no_names():
    redactor = load_redactor(POLICY, b"\x05" * 32, "policy")
    for text in (
        "Enable Macros in the settings. Macros run code.",
        "Please run GRANT ALL on the table, then GRANT SELECT again.",
    ):
        assert redact(redactor, text) == text
    assert "Grant" not in redact(redactor, "Yesterday Grant Miller called me about the parcel.")
