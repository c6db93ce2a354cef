"""Evidence packs in tests: what is in one, and changing one so that its hashes and a signature fit again."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from goldworks.access.signing import Signer
from goldworks.evidence.pack import KEY, PAYLOAD_TYPE, STATEMENT
from goldworks.evidence.verifying import verify_pack


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rehashed(pack: Path, signer: Signer | None) -> None:
    """New hashes in the statement; signed again when there is a signer, whose key is then the pack's."""
    envelope = json.loads((pack / STATEMENT).read_bytes())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    if signer is not None:
        signer.public_keys()
        shutil.copy(signer.public_file, pack / KEY)
    statement["subject"] = [one for one in statement["subject"] if (pack / one["name"]).exists()]
    for one in statement["subject"]:
        one["digest"]["sha256"] = hashlib.sha256((pack / one["name"]).read_bytes()).hexdigest()
    if signer is not None:
        envelope = signer.sign(json.dumps(statement).encode(), PAYLOAD_TYPE)
    else:
        envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    (pack / STATEMENT).write_text(json.dumps(envelope))


def problems_after(pack: Path, room: Path, name: str, change: Callable[[Any], None]) -> tuple[str, ...]:
    """What `verify` finds in a copy in `room` of which somebody else changed a file and signed it all anew.

    `change` gets the JSON value of the file, of JSON lines the list of rows, and changes it in place.
    """
    copy = Path(shutil.copytree(pack, room / "copied"))
    path = copy / name
    lines = name.endswith(".jsonl")
    value = [json.loads(line) for line in path.read_text().splitlines()] if lines else json.loads(path.read_text())
    before = json.dumps(value)
    change(value)
    assert json.dumps(value) != before, "nothing was changed"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in value) if lines else json.dumps(value))
    rehashed(copy, Signer(room / "other"))
    found = verify_pack(copy).problems
    assert not any("after it was signed" in problem for problem in found)
    return found
