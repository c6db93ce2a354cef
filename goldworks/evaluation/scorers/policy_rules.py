"""Scorer `policy_rules`: what the house forbids is not said, and what it demands is."""

from __future__ import annotations

import fnmatch
from functools import cached_property
from typing import Any, Self

import re2
from pydantic import Field, field_validator, model_validator

from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.passages import question_text
from goldworks.evaluation.scorers.protocol import Score, Scorer
from goldworks.evaluation.scorers.words import holds
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Rule(Policy):
    """One rule. Of the four checks it has at least one; all of them must hold.

    `forbid`, `require`: phrases, compared by words, without case, punctuation or the spelling of numbers: none of the first and
    one of the second. `forbid_pattern`, `require_pattern`: RE2, searched for anywhere, with upper and lower case alike.
    `when`: RE2 that the last question must hold for the rule to be about the case; `use_cases`: globs, empty for all.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    reason: str = Field(min_length=1)
    use_cases: tuple[str, ...] = ()
    when: str | None = None
    forbid: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    forbid_pattern: str | None = None
    require_pattern: str | None = None

    @field_validator("when", "forbid_pattern", "require_pattern")
    @classmethod
    def _is_pattern(cls, value: str | None) -> str | None:
        if value is not None:
            compiled(value)
        return value

    @model_validator(mode="after")
    def _checks_something(self) -> Self:
        if not (self.forbid or self.require or self.forbid_pattern or self.require_pattern):
            raise ValueError("needs one of forbid, require, forbid_pattern, require_pattern")
        return self

    @cached_property
    def _patterns(self) -> dict[str, Any]:
        named = {"when": self.when, "forbid": self.forbid_pattern, "require": self.require_pattern}
        return {name: compiled(pattern) for name, pattern in named.items() if pattern is not None}

    def is_about(self, case: Case) -> bool:
        """Whether the rule holds for the case."""
        if self.use_cases and not any(fnmatch.fnmatchcase(case.use_case, glob) for glob in self.use_cases):
            return False
        when = self._patterns.get("when")
        return when is None or when.search(question_text(case)) is not None

    def is_kept(self, text: str) -> bool:
        """Whether the text keeps it."""
        forbid, require = self._patterns.get("forbid"), self._patterns.get("require")
        return (
            not any(holds(text, phrase) for phrase in self.forbid)
            and (not self.require or any(holds(text, phrase) for phrase in self.require))
            and (forbid is None or forbid.search(text) is None)
            and (require is None or require.search(text) is not None)
        )


class PolicyRules(Scorer):
    """1 when every rule that is about the case is kept, else 0; `detail` names the rules broken.

    - No rule is about the case: not applicable.
    - An empty answer says nothing forbidden, and nothing required either.
    - Text alone is judged: an answer that only calls tools is like an empty one, but for rules that require, which do not apply
      to it, since the words come later.
    """

    name = "policy_rules"

    class Settings(Policy):
        """The rules."""

        rules: tuple[Rule, ...] = Field(min_length=1)

        @model_validator(mode="after")
        def _names_each_once(self) -> Self:
            names = [rule.id for rule in self.rules]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"rule named twice: {', '.join(twice)}")
            return self

    def __init__(self, settings: Settings) -> None:
        self._rules = settings.rules

    def applies(self, case: Case) -> bool:
        """See the class."""
        return any(rule.is_about(case) for rule in self._rules)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        text = answer.text or ""
        is_silent_act = bool(answer.tool_calls) and not text.strip()
        broken = [
            rule.id
            for rule in self._rules
            if rule.is_about(case) and not rule.is_kept(text) and not (is_silent_act and (rule.require or rule.require_pattern))
        ]
        return Score(float(not broken), detail=f"broken: {', '.join(broken)}" if broken else None)


def compiled(pattern: str) -> Any:
    """An RE2 expression without regard to case. Raises `ValueError` for what is none."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"not a pattern of RE2 ({error})") from None
