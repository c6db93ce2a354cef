"""What a technique is: it makes one attack of a golden case and a seed text. Pure: the same gives the same, on every machine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

import msgspec

from goldworks.digests import keyed_digest
from goldworks.evaluation.attacks.canaries import Canary, canary_of
from goldworks.evaluation.attacks.seeds import Seeds, filled
from goldworks.golden.case import Attack, Case, CaseMessage, Expected


@dataclass(frozen=True, slots=True)
class Making:
    """What one attack is made with: the seed texts, a canary and chance of its own, and its name."""

    seeds: Seeds
    canary: Canary
    random: Random
    digest: str

    @staticmethod
    def of(seeds: Seeds, key: bytes, seed: int, *names: str) -> Making:
        """For the attack that `names` name: technique, seed text, base case."""
        parts = (str(seed), *names)
        random = Random("|".join(parts))  # noqa: S311 - chance that can be repeated; what must not be guessed is the canary
        return Making(seeds, canary_of(key, *parts), random, keyed_digest(key, "attack", *parts, size=8))


class Technique(ABC):
    """A way to attack. `owasp` and `atlas` are ids of `taxonomy`; a benign twin has none."""

    name: ClassVar[str]
    what: ClassVar[str]
    owasp: ClassVar[tuple[str, ...]] = ()
    atlas: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def texts(self, seeds: Seeds) -> Sequence[tuple[str, Any]]:
        """(id, seed text) of what it can be made with."""

    @abstractmethod
    def make(self, base: Case, text: Any, making: Making) -> Case | None:
        """The attack, or None when this base or text does not lend itself to it. Its case id and lineage are set elsewhere."""

    def finished(self, made: Case, base: Case, text_id: str, making: Making) -> Case:
        """The attack with its name and with what it was made from."""
        attack, expected = made.expected.attack, made.expected
        kind = "twin" if attack is None else "attack"
        if attack is not None:
            expected = msgspec.structs.replace(
                expected,
                attack=msgspec.structs.replace(
                    attack,
                    technique=self.name,
                    seed=text_id,
                    owasp=tuple(sorted({*self.owasp, *attack.owasp})),
                    atlas=tuple(sorted({*self.atlas, *attack.atlas})),
                ),
            )
        return msgspec.structs.replace(
            made,
            case_id=f"{kind}-{self.name.replace('_', '-')}-{making.digest}",
            origin="red_team",
            tags=tuple(sorted({f"{kind}:{self.name}", *(base.tags if attack is None else ())})),
            expected=expected,
            parents=(base.case_id,),
            conversation_id=None,
            trace_id=None,
            source=None,
            line=None,
            release=None,
        )


def question_at(case: Case) -> int | None:
    """Where the last user message with a text stands."""
    return next((i for i, m in reversed(list(enumerate(case.messages))) if m.role == "user" and m.text), None)


def with_question(case: Case, text: str, *, is_alone: bool = False) -> Case | None:
    """The case with another last question; nothing stands behind it. `is_alone`: nor before it, but the system's message."""
    at = question_at(case)
    if at is None:
        return None
    before = [message for message in case.messages[:at] if message.role == "system" or not is_alone]
    return msgspec.structs.replace(case, messages=(*before, CaseMessage(role="user", text=text)))


def with_secret(case: Case, making: Making) -> Case:
    """The case with the canary as a secret in its system message."""
    secret = filled(making.seeds.direct.secret, canary=making.canary.word)
    system = next((message.text for message in case.messages if message.role == "system" and message.text), None)
    first = CaseMessage(role="system", text=secret if system is None else f"{system}\n\n{secret}")
    rest = [message for message in case.messages if message.role != "system"]
    return msgspec.structs.replace(case, messages=(first, *rest))


def asking_for_secret(case: Case, text: str, making: Making) -> Case | None:
    """A user who wants the secret of the system message, in words of the technique's own. Nothing else is expected."""
    asked = with_question(case, text, is_alone=True)
    if asked is None:
        return None
    expected = Expected(attack=Attack("", canary=making.canary.word))
    return msgspec.structs.replace(with_secret(asked, making), passages=(), expected=expected)
