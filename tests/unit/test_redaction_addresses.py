"""Street addresses of many countries in sentences and blocks go whole, and ordinary text with numbers stays."""

from __future__ import annotations

import pytest

from goldworks.redaction import Document, Field, Redactor, load_redactor
from goldworks.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return load_redactor(PROJECT_ROOT / "expectations" / "policies" / "redaction.yml", b"\x05" * 32, "off")


def redact(redactor: Redactor, text: str) -> str:
    (document,) = redactor.redact([Document("c", (Field("m", "user", "text", text),))])
    return str(document.fields[0].value)


ADDRESSES = [
    "Please return it to <PSC 0412, Box 1187\nAPO AE 09012> in case of loss",
    "Our address is <Unit 4719 Box 7394\nDPO AP 70942>.",
    "write to <USS Halcyon\nFPO AA 34093> any time",
    "I live at <4471 Willow Bend Lane Apt. 12>, come by",
    "I live at <Tylova 285> with two cats",
    "She lives on <Hauptgraben 17> now",
    "my new address is <Merelkade 88>, thanks",
    "billing address: <Kongsvei 4>",
    "Taxi to <180 Sahantie 72>, please",
    "send it to <12 Golden Keys> please",
    "The parcel: <03751 Gerrit Hove 137 Apt. 4> is right",
    "Invoice goes with <35108 ul. Zamkowa 33 Apt. 406\nBrno\nCzech Republic 60200>",
    "From <12521 Belgrád rkp. 18. Apt. 417> we moved",
    "Parcel for\n<864 Piazzetta Scalette 104\nApt. 905\nBologna\nItaly 40121>\n\nThanks",
    "Rosa\n> <224 Trenerys gate 232\n> Apt. 34\n> Bergen\n> Norway 50031>\n\nok",
    "Rosa\n\n<41 Oak Street\nSuite 200\nPortland, OR 97201>\nPhone: later",
    "meet at <the corner of 5th and Main> at noon",
    "it is on <the corner of Calle Mayor 3 and Baranyay Mill>",
    "wohnt in der <Lindenstraße 12>",
    "büro: <Kossuth utca 12>, second bell",
    "the van stands at <Puruntie 82>",
    "the van stands at <Laukaankatu 8>",
    "the van stands at <Höfðabraut 39>",
    "the van stands at <Merineitsi põik 87>",
    "the van stands at <Slovenska cesta 14>",
    "the van stands at <Atatürk caddesi 5>",
    "the van stands at <ul. Więckowskiego 28>",
    "the van stands at <Rua Augusta 1508>",
    "the van stands at <Via Garibaldi 21>",
    "the van stands at <Calle Serrano 41>",
    "the van stands at <Travessa das Flores 9>",
    "the van stands at <Λεωφόρος Συγγρού 119>",
    "the van stands at <улица Ленина 14>",
    "the van stands at <náměstí Míru 7>",
    "the van stands at <Carrer Mallorca 401>",
    "the van stands at <Trenerys gate 14>",
    "Sender: <Tylova 285, 170 00 Praha>",
    "Sender: <Bogstadveien 17, 0355 Oslo>",
    "visit <52-19 Flushing Avenue, Maspeth>.",
    "visit <60 Furman Street, Brooklyn>.",
    "go to <Flat 3, 12 Harley Street, London> today",
    "the house at <22 Acacia Avenue, Leeds LS1 4AP> is empty",
    "ship to <14 Crown Street, Melbourne, VIC 3000>",
    "my address is <77 Rákóczi Pálya>",
]

ORDINARY = [
    "a suite for 2 please",
    "Unit 5 of the book is hard",
    "Suite 12 was lovely, thank you",
    "We stay at Hilton, Room 12",
    "at 7 Main courses were served",
    "2 Large Pizzas and a coke",
    "send it to 2 Large Families",
    "Chapter 3 Section 5 explains it",
    "Order 66 Items shipped",
    "on 12 March 2024 we met",
    "I moved to March 12",
    "moved to Windows 11 last week",
    "I live in 2 Rooms",
    "Arsenal 3 Chelsea 2",
    "iPhone 15 Pro, 256 GB",
    "the Galaxy S24 Ultra 5G",
    "The movie is Blade Runner 2049",
    "It starts at 5 PM, Terminal 4",
    "send this to Printer 3",
    "return to Step 3",
    "please go back to Page 4",
    "the office is on Floor 3",
    "The store is on Level 2",
    "forward it to Channel 5",
    "deliver it to Gate 12",
    "the restaurant is in Paris and has 5 stars",
    "the corner of the table",
    "the corner of Love and Hate",
    "the intersection of art and science",
    "my address is not on file",
    "what is your address?",
    "he lives at home",
    "she lives in Berlin",
    "they live in 2 different cities",
    "The e-mail address is wrong in 3 places",
    "IP address: 8.8.8.8",
    "memory address: 0x7ffee4",
    "Die Sendung 12 kam spät",
    "a rue 5 day",
    "Formula 1, 2024 Season",
    "Python 3, 2020 Edition",
    "Team 7 beat Team 9, 5 to 2",
    "Error 404 Not Found",
    "Windows 10, version 22",
    "see Table 4, Figure 2",
    "I'd like 3 Big Macs, 2 Cokes",
    "Boeing 747 Flight 12",
    "ship the USS Enterprise model",
    "The PSC report, box 4",
    "3 Blind Mice 2",
    "call me at 5",
    "between 10 and 12 Monday",
    "floor 3 please",
    "room # 4 is free",
    "PR #12 is merged",
    "Fix bug Ticket #431",
    "Season 2 Episode 5",
    "Track 5 Highway to Hell",
    "Psalm 23, 4 Verses",
    "the price is 5 Dollars",
]


def split(marked: str) -> tuple[str, str, str]:
    """The last `>` ends the address: those before it are quote marks."""
    before, _, rest = marked.partition("<")
    inside, _, after = rest.rpartition(">")
    return before, inside, after


@pytest.mark.parametrize("marked", ADDRESSES)
def test_an_address_goes_whole(redactor: Redactor, marked: str):
    before, inside, after = split(marked)
    done = redact(redactor, before + inside + after)
    left = [word for word in inside.replace(",", " ").split() if word.isalnum() and len(word) > 1 and word in done.split()]
    assert "STREET_ADDRESS" in done
    assert not left, done
    assert done.endswith(after[-6:]), done


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(redactor: Redactor, text: str):
    assert redact(redactor, text) == text


SENTENCES = [
    ("She moved to Kossuth utca 12", "She moved to <STREET_ADDRESS_1>"),
    ("she moved to kossuth utca 12 now", "she moved to <STREET_ADDRESS_1> now"),
    ("see Kossuth utca 12, please", "see <STREET_ADDRESS_1>, please"),
    ("We are at Hauptgasse 5 today", "We are at <STREET_ADDRESS_1> today"),
    ("ik woon op Van Goghstraat 12", "ik woon op <STREET_ADDRESS_1>"),
    ("Ship it to 12 Harbour St. Thanks for that", "Ship it to <STREET_ADDRESS_1>. Thanks for that"),
    ("My address is 12 Harbour St. Thanks", "My address is <STREET_ADDRESS_1>. Thanks"),
    ("I live at 9 Old Mill Rd. Please ring", "I live at <STREET_ADDRESS_1>. Please ring"),
    ("Ship it to 12 Harbour St. Leeds", "Ship it to <STREET_ADDRESS_1>"),
    ("I live at 12 St. Will Road", "I live at <STREET_ADDRESS_1>"),
    ("12 St. James Street, London SW1A 1AA", "<STREET_ADDRESS_1>"),
    ("the house 12 St Mary's Road", "the house <STREET_ADDRESS_1>"),
    ("12 The Avenue, Leeds LS1 4AP", "<STREET_ADDRESS_1>"),
    ("my address: 7 The Crescent", "my address: <STREET_ADDRESS_1>"),
    ("the film 2009 The Road was good", "the film 2009 The Road was good"),
    ("he came in 1 st place", "he came in 1 st place"),
]


@pytest.mark.parametrize(("text", "redacted"), SENTENCES)
def test_an_address_leaves_its_sentence(redactor: Redactor, text: str, redacted: str):
    assert redact(redactor, text) == redacted


def test_a_block_ends_at_a_label_and_at_a_sentence(redactor: Redactor):
    done = redact(redactor, "12 Oak Street\nLeeds\nUnited Kingdom 12345\nOpening Hours: late\nPlease knock")
    assert done.endswith("\nOpening Hours: late\nPlease knock")
    assert "Leeds" not in done
