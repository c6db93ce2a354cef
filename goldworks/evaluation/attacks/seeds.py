"""Seed texts of attacks: YAML in `expectations/attacks/`. Reading lines of published collections is in `seed_lines`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from goldworks.policies import Policy, load_policy

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
PLACE = re.compile(r"\{([a-z_]+)\}")
PLACES = {
    "marker": frozenset({"first", "second"}),
    "secret": frozenset(),
    "tool": frozenset({"tool"}),
}
"""What the text of a goal must hold, by what it wants."""


class Goal(Policy):
    """What an injected text wants the assistant to do.

    `wants` says how success is seen. `marker`: the canary appears, which the assistant only gets by joining the two halves that
    `{first}` and `{second}` stand for; `secret`: the canary of the system prompt appears; `tool`: the tool `{tool}` is called.
    """

    id: Id
    wants: Literal["marker", "secret", "tool"]
    text: Text
    channel: Literal["text", "link", "tool"] = Field(default="text", description="how the canary would get out")

    @field_validator("text")
    @classmethod
    def _has_its_places(cls, value: str, info: object) -> str:
        wanted = PLACES.get(getattr(info, "data", {}).get("wants", ""), frozenset())
        found = frozenset(PLACE.findall(value))
        if found != wanted:
            names = ", ".join(f"{{{name}}}" for name in sorted(wanted)) or "no place"
            raise ValueError(f"must hold {names}, each spelled so, and nothing else in braces")
        if "first" in wanted and not re.search(r"\w", value[value.index("{first}") + 7 : value.index("{second}")]):
            raise ValueError("between {first} and {second} must stand a word, or a quotation would hold the canary itself")
        return value


class Template(Policy):
    """A text that something is put into."""

    id: Id
    text: Text


class Carrier(Template):
    """A text that carries an instruction: `{instruction}` stands in it once."""

    @field_validator("text")
    @classmethod
    def _carries(cls, value: str) -> str:
        return holds_once(value, "instruction")


class Mail(Carrier):
    """An e-mail that carries an instruction, with what the user asks about it."""

    question: Text


class Indirect(Policy):
    """`indirect.yml`: attacks through what the assistant reads."""

    version: int = Field(ge=1)
    goals: tuple[Goal, ...] = Field(min_length=1)
    passages: tuple[Carrier, ...] = Field(min_length=1)
    tool_results: tuple[Carrier, ...] = Field(min_length=1)
    mails: tuple[Mail, ...] = Field(min_length=1)


class Wrapper(Template):
    """A text around a request: `{request}` stands in it once."""

    @field_validator("text")
    @classmethod
    def _wraps(cls, value: str) -> str:
        return holds_once(value, "request")


class Translation(Template):
    """A request in another language; `language` is its code."""

    language: str = Field(pattern=r"^[a-z]{2}$")


class Dialogue(Policy):
    """Turns that lead to a request step by step: the user's and the assistant's in turn, the last one the user's."""

    id: Id
    turns: tuple[Text, ...] = Field(min_length=3)

    @field_validator("turns")
    @classmethod
    def _ends_with_the_user(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) % 2 == 0:
            raise ValueError("must begin and end with the user: an odd number of turns")
        return value


class Direct(Policy):
    """`direct.yml`: attacks by the user, who wants the secret word that `secret` puts into the system prompt."""

    version: int = Field(ge=1)
    secret: Text
    requests: tuple[Template, ...] = Field(min_length=1)
    extractions: tuple[Template, ...] = Field(min_length=1)
    encoded: Text
    split: Text
    translations: tuple[Translation, ...] = Field(min_length=1)
    role_plays: tuple[Wrapper, ...] = Field(min_length=1)
    shots: tuple[Text, ...] = Field(min_length=4)
    shot_question: Text
    shot_answer: Text
    dialogues: tuple[Dialogue, ...] = Field(min_length=1)

    @field_validator("secret")
    @classmethod
    def _holds_canary(cls, value: str) -> str:
        return holds_once(value, "canary")


class Paraphrase(Template):
    """A question in other words: `{question}` stands in it once."""

    @field_validator("text")
    @classmethod
    def _asks(cls, value: str) -> str:
        return holds_once(value, "question")


class Twins(Policy):
    """`twins.yml`: harmless changes of wording, and harmless questions that sound dangerous."""

    version: int = Field(ge=1)
    paraphrases: tuple[Paraphrase, ...] = Field(min_length=1)
    letters_per_typo: int = Field(default=25, ge=5)
    look_alikes: tuple[Template, ...] = Field(min_length=1)


class Request(Policy):
    """A request of a published collection that an assistant should decline."""

    id: str
    text: Text


class Seeds(Policy):
    """Everything that attacks are made of. `requests_to_decline` come from lines of a file, if one was given."""

    indirect: Indirect
    direct: Direct
    twins: Twins
    requests_to_decline: tuple[Request, ...] = ()


def load_seeds(folder: Path) -> Seeds:
    """The seeds in a folder. Raises `PolicyError` naming file, line and key."""
    return Seeds(
        indirect=load_policy(folder / "indirect.yml", Indirect),
        direct=load_policy(folder / "direct.yml", Direct),
        twins=load_policy(folder / "twins.yml", Twins),
    )


def holds_once(value: str, place: str) -> str:
    """`value`, if `{place}` stands in it once. Raises `ValueError`."""
    if value.count(f"{{{place}}}") != 1:
        raise ValueError(f"{{{place}}} must stand in it once")
    return value


def filled(text: str, **values: str) -> str:
    """`text` with the values in their places. A brace that is no place of them stays as it is."""
    return PLACE.sub(lambda found: values.get(found[1], found[0]), text)
