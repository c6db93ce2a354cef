"""Law 1, field by field: a canary of its own in every string and as a key of every object of every dialect, then a search of
every byte that was written, for each canary in every form. Leaks planted in the code prove that the search can fail.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from dialect_records import FILES, with_each_field
from every_byte import decoded, squeezed

from goldworks.intake import boundary
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source, Taken, take
from goldworks.lake import Lake
from goldworks.redaction import Document, RedactedDocument, Redactor
from goldworks.settings import PROJECT_ROOT

KEY = b"\x02" * 32
DOMAIN = "Harrow-Post.example"
BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")


class Canaries:
    """Gives out canaries, and remembers where each went."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def new(self, place: str) -> str:
        value = f"Wren.{len(self.places):04d}@{DOMAIN}"
        self.places[value] = place
        return value


def write(folder: Path) -> Canaries:
    canaries = Canaries()
    for name, records in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines: list[str] = []
        for record in records:
            for number, planted in enumerate(with_each_field(record, lambda place, name=name: canaries.new(f"{name}: {place}"))):
                own = json.dumps(planted).replace('"ab' + "ab" * 15, f'"{number:032x}')  # a trace of its own
                lines.append(own)
                if number % 25 == 0:
                    lines.append(own[: len(own) * 2 // 3])  # damaged
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return canaries


def search(folder: Path) -> set[str]:
    """Canaries that stand anywhere below a folder, in lower case, in any form that law 1 names."""
    found: set[str] = set()
    domain = DOMAIN.lower()
    forms = {
        re.escape(domain),
        re.escape(quote(f"@{DOMAIN}", safe="").lower()),
        re.escape(json.dumps(f"@{DOMAIN}")[1:-1].lower()),
    }
    anywhere = re.compile(rf"wren\.(\d{{4}})(?:@|%40|\\u0040)(?:{'|'.join(forms)})")
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        for text in decoded(path):
            found.update(anywhere.findall(squeezed(text)))
            for run in BASE64.findall(text):
                for shift in range(4):  # whatever stood before it
                    piece = run[shift:]
                    said = base64.b64decode(piece[: len(piece) // 4 * 4].replace("=", "A")).decode("latin-1")
                    found.update(anywhere.findall(squeezed(said)))
    return {f"Wren.{number}@{DOMAIN}" for number in found}


def intake(tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Taken:
    expectations = PROJECT_ROOT / "expectations"
    source = Source(str(tmp_path / "logs"), expectations, load_intake_policy(expectations), "off", workers=0)
    taken = take(Lake(tmp_path / "home"), source, KEY)
    output = capfd.readouterr()
    (tmp_path / "home" / "captured.txt").write_text(output.out + output.err + caplog.text)
    return taken


def test_no_field_of_any_dialect_leaks(tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture):
    canaries = write(tmp_path / "logs")
    assert search(tmp_path / "logs") == set(canaries.places), "control: each of them is in the logs"
    taken = intake(tmp_path, capfd, caplog)
    assert taken.records > 150, "control: most records are usable with a canary in them"
    assert taken.quarantined > 10, "control: some are not"
    assert {value: canaries.places[value] for value in search(tmp_path / "home")} == {}


@pytest.mark.parametrize("form", ["plain", "json", "base64", "percent", "lower"])
def test_the_search_finds_every_form(tmp_path: Path, form: str):
    value = f"Wren.0001@{DOMAIN}"
    text = {
        "plain": f"x {value} y",
        "json": json.dumps({"a": value}).replace("@", "\\u0040"),
        "base64": base64.b64encode(f"say {value} now".encode()).decode(),
        "percent": quote(value, safe=""),
        "lower": value.lower(),
    }[form]
    (tmp_path / "file.txt").write_text(text)
    assert search(tmp_path) == {value}


def leaves_results_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    redact = Redactor.redact

    def mutated(self: Redactor, documents: Sequence[Document]) -> list[RedactedDocument]:
        found: list[RedactedDocument] = []
        for document, done in zip(documents, redact(self, documents), strict=True):
            raw = {(field.owner, field.name): field.value for field in document.fields}
            fields = tuple(
                msgspec.structs.replace(field, value=raw[field.owner, field.name]) if field.name == "tool_result" else field
                for field in done.fields
            )
            found.append(msgspec.structs.replace(done, fields=fields))
        return found

    monkeypatch.setattr(Redactor, "redact", mutated)


def keeps_ids_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redactor, "safe_id", lambda self, value: value)


def logs_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    documents: Callable[..., list[Document]] = boundary.documents

    def mutated(*arguments: Any) -> list[Document]:
        found = documents(*arguments)
        logging.getLogger("goldworks").warning("redacting %s", found)
        return found

    monkeypatch.setattr("goldworks.intake.take.documents", mutated)


@pytest.mark.parametrize("mutation", [leaves_results_alone, keeps_ids_as_they_are, logs_a_text])
def test_a_leak_in_the_code_is_found(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    mutation: Callable[[pytest.MonkeyPatch], None],
):
    mutation(monkeypatch)
    write(tmp_path / "logs")
    intake(tmp_path, capfd, caplog)
    assert search(tmp_path / "home") != set()
