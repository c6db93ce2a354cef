"""Checking a pack: every hash, the signature, and every figure computed again from the rows. Needs no home and no tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from goldworks.access.signing import key_id, read_envelope, read_public, verify
from goldworks.errors import GoldworksError, InputError
from goldworks.evidence.comparing import differences
from goldworks.evidence.deriving import derive
from goldworks.evidence.pack import KEY, PAYLOAD_TYPE, STATEMENT, STATEMENT_TYPE, rendered
from goldworks.evidence.pack import statement as statement_of
from goldworks.evidence.written_by import written_by
from goldworks.release.waivers import Waiver

OF_BEFORE = (
    "this pack is from before packs held what these rest on: aggregates, their differences, rates of flakiness, drift of scores, "
    "earlier looks and what bans found in further runs are signed, not computed again"
)
LATER = ("about", "labels", "labels_digest", "scorer_digest")
"""What `verdict.json` of those packs does not say yet."""

SENTENCES = ("words", "headline")
"""What `verdict.json` says in words, as the version that wrote it puts it."""

REWORDED = "sentences of verdict.json are of another version, which puts them otherwise: they are signed, not compared"
OTHER_METHODS = (
    "this pack is of another version, whose methods may be others: where hashes and signature hold and figures do not follow, "
    "check it with that version before calling it changed"
)

AS_THEY_STOOD = (
    "that the tables held no other run, judgment or label, digest and time of labels, and certificates, quarantine, waivers and "
    "approvals as they stood, are signed, not looked up again"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems`: what is not as it should be, each naming its file; none: the pack is what was signed and follows from its rows.

    `headline` of the verdict, as computed again. `is_own_key`: checked with the key that lies in the pack, so anybody may have
    written it. `notes`: what was not looked at.
    """

    problems: tuple[str, ...]
    headline: str | None
    key_id: str | None
    is_own_key: bool
    notes: tuple[str, ...]


def verify_pack(folder: Path, key: Path | None = None) -> Checked:
    """Check the pack in `folder`, with the public key in file `key`. Raises `InputError` when there is no pack or no such key."""
    if not (folder / STATEMENT).is_file():
        raise InputError(f"{folder} holds no {STATEMENT}", remedy="name the folder that goldworks evidence wrote")
    given = read_public(key) if key is not None else None
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if not path.is_dir()}
    content = {name: path.read_bytes() for name, path in files.items() if path.is_file() and name != STATEMENT}
    problems: list[str] = []
    notes: list[str] = []
    signed, signer = _signed(folder, given, problems)
    problems += _hashes(signed, content)
    headline = None
    try:
        headline = _again(content, signed, problems, notes)
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
        problems.append(f"the verdict cannot be computed from the rows: {type(error).__name__} {str(error)[:80]}")
    return Checked(tuple(problems), headline, signer, key is None, tuple(notes))


def _signed(folder: Path, given: Ed25519PublicKey | None, problems: list[str]) -> tuple[Mapping[str, Any], str | None]:
    """The statement (empty when it cannot be trusted or read) and the id of the key that it was checked with."""
    try:
        public = given or read_public(folder / KEY)
        found = orjson.loads(verify(read_envelope(folder / STATEMENT), [public], PAYLOAD_TYPE))
        if found["_type"] != STATEMENT_TYPE or not found["subject"]:
            raise ValueError
    except GoldworksError as error:
        problems.append(f"{STATEMENT}: {error.what}")
        return {}, None
    except (KeyError, TypeError, ValueError):
        problems.append(f"{STATEMENT}: no in-toto statement about files")
        return {}, None
    return found, key_id(public)


def _hashes(signed: Mapping[str, Any], content: Mapping[str, bytes]) -> Iterator[str]:
    if not signed:
        return
    wanted = {one["name"]: one["digest"]["sha256"] for one in signed["subject"]}
    for name, digest in sorted(wanted.items()):
        if name not in content:
            yield f"{name}: is missing"
        elif hashlib.sha256(content[name]).hexdigest() != digest:
            yield f"{name}: was changed after it was signed"
    yield from (f"{name}: was added after it was signed" for name in sorted(set(content) - set(wanted)))


def _again(content: Mapping[str, bytes], signed: Mapping[str, Any], problems: list[str], notes: list[str]) -> str:
    derived = derive(content)
    shown = {**derived.stated, **{name: orjson.loads(content[name]) for name in derived.files}}
    computed = {**derived.computed, **{name: orjson.loads(data) for name, data in derived.files.items()}}
    facts = orjson.loads(content["facts.json"])
    mine = written_by()
    is_same_judge = facts["written_by"].get("verdict") == mine["verdict"]
    off = [
        (name, *one)
        for name, found in computed.items()
        for one in differences(shown[name], found)
        if not (derived.is_of_before and one[1] is None and one[0].rpartition(".")[2] in LATER)
    ]
    reworded = [] if is_same_judge else [one for one in off if _is_sentence(*one[1:])]
    figures = [one for one in off if one not in reworded]
    problems += (f"{name}: {place} is {a!r}, the rows give {b!r}" for name, place, a, b in figures)
    if facts["written_by"] == mine:
        problems += (
            f"{name}: shows other than the rows give" for name, data in rendered(content).items() if content[name] != data
        )
    else:
        notes.append("index.html and evidence.pdf were written by another version: their hashes were checked, not their figures")
    notes += [REWORDED] if reworded else []
    notes += [OTHER_METHODS] if figures and not is_same_judge else []
    if signed and signed.get("predicate") != statement_of(content, derived.verdict)["predicate"]:
        problems.append(f"{STATEMENT}: says other of the gates than the rows give")
    for row in orjson.loads(content["waivers.json"]):
        if facts["edition"] == "full" and Waiver.model_validate_json(orjson.dumps(row["waiver"])).digest != row["digest"]:
            problems.append(f"waivers.json: {row['waiver']['waiver']} is not what its digest says")
    if derived.is_of_before:
        notes.append(OF_BEFORE)
    if derived.signed:
        of = ", ".join(derived.signed)
        notes.append(f"{of}: aggregates of a plug-in, which may look at texts; signed, not computed again")
    notes.append(AS_THEY_STOOD)
    return orjson.loads(derived.files["verdict.json"])["headline"]


def _is_sentence(place: str, shown: Any, computed: Any) -> bool:
    return place.rpartition(".")[2] in SENTENCES and isinstance(shown, str) and isinstance(computed, str)
