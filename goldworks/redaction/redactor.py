"""The redactor: documents in, redacted documents out; ids made safe; leaks found in text that should hold none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import msgspec

from goldworks.access.key_ring import IdentityKeys
from goldworks.access.sealing import seal
from goldworks.digests import keyed_digest
from goldworks.errors import GoldworksError, place_of
from goldworks.redaction.compiled import Compiled
from goldworks.redaction.conversation import Conversation
from goldworks.redaction.engines import Engines, NamesSetting, finder, identity
from goldworks.redaction.erased import Erased, ErasedList
from goldworks.redaction.json_keys import KeyJudge
from goldworks.redaction.leaves import clean
from goldworks.redaction.names import Names
from goldworks.redaction.policy import Limits, RedactionPolicy, load_redaction_policy
from goldworks.redaction.records import Document, Field, Leak, RedactedDocument, RedactedField
from goldworks.redaction.scanning import BUILT_IN, Scanner
from goldworks.redaction.tokens import TOKEN, withheld
from goldworks.redaction.values import Hasher

_ROUNDS = 8
_IDS = 200_000


class Redactor:
    """Redacts under one policy with one key for ids and one for values (`identities`; by default the same, never rotated).

    What it makes of a document depends on the document alone, and on the values that were erased on request.
    """

    def __init__(
        self,
        policy: RedactionPolicy,
        key: bytes,
        scanner: Scanner,
        names: Names | None,
        identities: IdentityKeys | None = None,
        erased: Sequence[ErasedList] = (),
        vault_key: bytes | None = None,
    ) -> None:
        self._policy, self._key, self._scanner, self._names = policy, key, scanner, names
        self._judge = KeyJudge(policy.keys, policy.is_allowed)
        self._hasher = Hasher(identities or key)
        self._erased = Erased(key, erased) if erased else None
        self._vault_key = vault_key
        self._ids: dict[str, str] = {}
        self._one_at_a_time = Lock()

    @property
    def policy_version(self) -> str:
        """The policy's version and the beginning of its digest."""
        return self._policy.id

    def redact(self, documents: Sequence[Document]) -> list[RedactedDocument]:
        """Redact conversations, in order. What cannot be processed is withheld, never passed through."""
        try:
            return self._redact(documents)
        except GoldworksError:  # this installation cannot work at all, as when the names model cannot be loaded
            raise
        except Exception:  # whatever went wrong, its message may hold a value: find the field and withhold it
            return [self._carefully(document) for document in documents]

    def _redact(self, documents: Sequence[Document]) -> list[RedactedDocument]:
        conversations = [Conversation(document, self._policy, self._judge, self._hasher, self._erased) for document in documents]
        active = conversations
        for _ in range(_ROUNDS):
            pending = [found for conversation in active for found in conversation.pending()]
            spans = self._scanner.scan((leaf.text, leaf.label) for leaf, _ in pending)
            names = self._find_names([leaf.text for leaf, is_prose in pending if is_prose])
            active = [conversation for conversation in active if conversation.advance(spans, names)]
            if not active:
                break
        for conversation in active:
            conversation.withhold("unstable")
        return [self._sealed(conversation) for conversation in conversations]

    def _sealed(self, conversation: Conversation) -> RedactedDocument:
        """What became of a conversation; where there is a vault, with the new values encrypted for it."""
        done, key = conversation.result(), self._vault_key
        if key is None:
            return done
        sealed = tuple(seal(key, done.conversation_id, token, value) for token, value in conversation.new_values())
        return msgspec.structs.replace(done, sealed=sealed)

    def _find_names(self, texts: Sequence[str]) -> Mapping[str, Sequence[tuple[int, int]]]:
        if self._names is None:
            return {}
        distinct = list(dict.fromkeys(texts))
        with self._one_at_a_time:  # models promise nothing to threads
            return dict(zip(distinct, self._names.find_names(distinct), strict=True))

    def _carefully(self, document: Document) -> RedactedDocument:
        """One document after a failure: fields that fail alone are withheld, the rest is done together."""
        failures = [self._failure(document, field) for field in document.fields]
        sound = tuple(field for field, failure in zip(document.fields, failures, strict=True) if failure is None)
        try:
            done = self._redact([msgspec.structs.replace(document, fields=sound)])[0]
        except Exception as error:  # no field fails alone, but they do together
            failures = [failure or _said_of(error) for failure in failures]
            done = RedactedDocument(document.conversation_id, ())
        results = iter(done.fields)
        fields = tuple(
            next(results) if failure is None else RedactedField(field.owner, field.name, withheld("error"), (), True)
            for field, failure in zip(document.fields, failures, strict=True)
        )
        said = tuple(failure for failure in failures if failure is not None)
        return msgspec.structs.replace(done, fields=fields, failures=said)

    def _failure(self, document: Document, field: Field) -> str | None:
        """What goes wrong with one field alone, without its message, which may hold a value."""
        try:
            self._redact([msgspec.structs.replace(document, fields=(field,), stored=())])
        except Exception as error:  # the field is withheld
            return _said_of(error)
        return None

    def safe_id(self, value: str) -> str:
        """An id to be stored: itself, or `id-<keyed hash>` when the policy recognises something in it."""
        found = self._ids.get(value)
        if found is None:
            try:
                is_safe = not self._scanner.scan([(value, "")])[value, ""] and value == clean(value)
            except Exception:  # cannot be judged: hashed
                is_safe = False
            found = value if is_safe else f"id-{keyed_digest(self._key, 'id', value)}"
            if len(self._ids) >= _IDS:
                self._ids.clear()
            self._ids[value] = found
        return found

    def find_leaks(self, texts: Sequence[str]) -> list[Leak]:
        """What the patterns and secret rules still recognise in redacted texts.

        Names are left out: the model is uncertain about them, and this check blocks.
        """
        found = self._scanner.scan((text, "") for text in texts)
        leaks: list[Leak] = []
        for index, text in enumerate(texts):
            tokens = [match.span() for match in TOKEN.finditer(text)]
            for span in found[text, ""]:
                if span.layer != "name" and not any(start <= span.start and span.end <= end for start, end in tokens):
                    leaks.append(Leak(index, span.type, span.rule, span.start, span.end))
        return leaks


def load_redactor(
    policy_file: Path,
    key: bytes,
    names: NamesSetting,
    identities: IdentityKeys | None = None,
    erased: tuple[ErasedList, ...] = (),
    vault_key: bytes | None = None,
    cache: Path | None = None,
) -> Redactor:
    """The redactor of a policy file, kept for the process while the file and the names model stay as they are.

    `cache`: the folder in which its compiled rules are kept, by default that of the names' engines. Raises `PolicyError`.
    """
    stamp = _stamp(policy_file)
    folder = cache or (names.cache if isinstance(names, Engines) else None)
    who = identity(_policy(policy_file, stamp).names, names)
    return _loaded(policy_file, stamp, key, names, who, identities, erased, vault_key, folder)


def policy_version(policy_file: Path, names: NamesSetting) -> str:
    """What results depend on: the policy's version and digest, and who finds names with which model.

    Raises `PolicyError`, also when that model cannot be used here; the model is not loaded.
    """
    policy = _policy(policy_file, _stamp(policy_file))
    return f"{policy.id}+{identity(policy.names, names)}"


def limits(policy_file: Path) -> Limits:
    """The limits of a policy file. Raises `PolicyError`."""
    return _policy(policy_file, _stamp(policy_file)).limits


def _said_of(error: Exception) -> str:
    return f"{type(error).__name__} at {place_of(error)}"


def _stamp(policy_file: Path) -> int:
    return policy_file.stat().st_mtime_ns if policy_file.exists() else 0


@lru_cache(maxsize=8)
def _loaded(
    policy_file: Path,
    stamp: int,
    key: bytes,
    names: NamesSetting,
    who: str,
    identities: IdentityKeys | None,
    erased: tuple[ErasedList, ...],
    vault_key: bytes | None,
    cache: Path | None,
) -> Redactor:
    policy = _policy(policy_file, stamp)
    scanner = _scanner(policy_file, stamp, Compiled(cache, key) if cache is not None else None)
    return Redactor(policy, key, scanner, _names(policy_file, stamp, key, names, who), identities, erased, vault_key)


@lru_cache(maxsize=4)
def _names(policy_file: Path, stamp: int, key: bytes, names: NamesSetting, who: str) -> Names | None:
    """Who finds names; `who` makes a model that was exchanged another one."""
    return finder(_policy(policy_file, stamp).names, names, key)


@lru_cache(maxsize=4)
def _policy(policy_file: Path, stamp: int) -> RedactionPolicy:
    return load_redaction_policy(policy_file, frozenset(rule.name for rule in BUILT_IN))


@lru_cache(maxsize=4)
def _scanner(policy_file: Path, stamp: int, compiled: Compiled | None) -> Scanner:
    return Scanner(_policy(policy_file, stamp), compiled)
