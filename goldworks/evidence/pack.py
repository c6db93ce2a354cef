"""Writing a pack: a folder with rows, figures, page, PDF, the public key, and a signed in-toto statement over all of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from goldworks.access.secret_files import write_secret
from goldworks.access.signing import Signer
from goldworks.errors import GoldworksError, InputError
from goldworks.evidence.collecting import Edition, collect
from goldworks.evidence.comparing import differences
from goldworks.evidence.deriving import derive
from goldworks.evidence.document import write_document
from goldworks.evidence.page import render_page
from goldworks.evidence.pdf import render_pdf
from goldworks.evidence.rows import Files, as_json
from goldworks.lake import Lake
from goldworks.release.deciding import Decision
from goldworks.release.verdict import Verdict

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
STATEMENT, KEY, PAGE, PDF = "statement.dsse.json", "signing.pub", "index.html", "evidence.pdf"
RESULTS = {"pass": "PASSED", "conditional": "WARNED", "inconclusive": "WARNED", "fail": "FAILED"}


def write_pack(
    lake: Lake, expectations: Path, signer: Signer, decision: Decision, edition: Edition, folder: Path, now: dt.datetime
) -> Path:
    """Write the pack of a judgment made at `now` to `folder`, in place of a pack that is there; return the folder.

    Raises `InputError` when the folder holds anything else, or what was judged is the check of a pull request.
    """
    if decision.verdict.is_check:
        raise InputError(
            f"{decision.verdict.version_id} is a part for pull requests, and evidence is of a release",
            remedy="evaluate and judge the release on the whole golden version",
        )
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / STATEMENT).exists())):
        raise InputError(f"{folder} is there and is no evidence pack", remedy="name another folder with --out")
    files = collect(lake, expectations, decision, edition, now)
    derived = derive(files)
    verdict = derived.verdict
    is_same = [(gate.gate, gate.status) for gate in verdict.gates] == [
        (gate.gate, gate.status) for gate in decision.verdict.gates
    ]
    if not is_same or any(differences(dict(derived.stated), dict(derived.computed))):
        raise GoldworksError("the tables changed while the pack was written", remedy="write it again when no run goes on")
    files |= derived.files
    files |= rendered(files)
    public = signer.public_keys()[0]
    files[KEY] = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    files[STATEMENT] = as_json(signer.sign_statement(statement(files, verdict), PAYLOAD_TYPE))
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    for name, data in sorted(files.items()):
        write_secret(draft / name, data)
    if folder.exists():
        shutil.rmtree(folder)
    draft.rename(folder)
    return folder


def rendered(files: Mapping[str, bytes]) -> Files:
    """Page and PDF of a pack's other files."""
    document = write_document(files)
    at = dt.datetime.fromisoformat(orjson.loads(files["facts.json"])["judged_at"])
    return {PAGE: render_page(document), PDF: render_pdf(document, at)}


def statement(files: Mapping[str, bytes], verdict: Verdict) -> dict[str, Any]:
    """The in-toto statement (v1) over all files, with the predicate test-result v0.1 that says how the gates came out."""
    digests = {name: {"sha256": hashlib.sha256(data).hexdigest()} for name, data in sorted(files.items())}
    by = {
        key: [gate.gate for gate in verdict.gates if RESULTS.get(gate.status) == result]
        for key, result in (("passedTests", "PASSED"), ("warnedTests", "WARNED"), ("failedTests", "FAILED"))
    }
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": found} for name, found in digests.items()],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": RESULTS[verdict.status],
            "configuration": [{"name": "policy.json", "digest": digests["policy.json"]}],
            **by,
        },
    }
