"""Scorer `instructions`: the verifiable instructions of IFEval that a case gives."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from pydantic import ValidationError

from goldworks.digests import canonical
from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers.ifeval import KINDS, follows
from goldworks.evaluation.scorers.ifeval.check import Check
from goldworks.evaluation.scorers.protocol import SCORER_ERROR, Score, Scorer, not_applicable
from goldworks.golden.case import Instruction
from goldworks.golden.read import Case
from goldworks.policies import Policy


class Instructions(Scorer):
    """`level: prompt`: 1 when every instruction of the case is followed, else 0. `level: instruction`: the share that is.

    The kinds and their settings are IFEval's (`ifeval`). `mode: strict` checks the answer as it is, `loose` also without its
    first and last line and without `*`; gate on strict at the level of the prompt, loose only shows wrappers. IFEval's accuracy
    at the level of instructions counts each instruction alike: the aggregate `pooled_share` of the metric gives it.

    - An empty answer follows nothing: 0. So does one that only calls tools.
    - An instruction that cannot be decided (the language of an answer of fewer than 20 letters) is left out; when it is the only
      one, not applicable.
    - An unknown kind, or settings that do not fit it: `scorer_error`, and the detail names it. Never 0.
    - The case has no instructions: not applicable.
    """

    name = "instructions"

    class Settings(Policy):
        """What is counted, and how strictly."""

        level: Literal["prompt", "instruction"] = "prompt"
        mode: Literal["strict", "loose"] = "strict"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def applies(self, case: Case) -> bool:
        """See the class."""
        return bool(case.expected.instructions)

    def score(self, case: Case, answer: Answer) -> Score:
        """See the class."""
        text = answer.text or ""
        found: list[bool] = []
        missed: list[str] = []
        for instruction in case.expected.instructions:
            try:
                check, settings = _read(instruction.kind, canonical(instruction.settings))
            except ValueError as error:
                return Score(None, SCORER_ERROR, str(error))
            said = follows(text, check, settings, is_loose=self._settings.mode == "loose") if text.strip() else False
            if said is not None:
                found.append(said)
                missed += [] if said else [instruction.kind]
        if not found:
            return not_applicable("no instruction can be decided")
        share = sum(found) / len(found)
        detail = f"{sum(found)} of {len(found)} followed" + (f"; not {', '.join(missed)}" if missed else "")
        return Score(share if self._settings.level == "instruction" else float(share == 1), detail=detail)


def problem_of(instruction: Instruction) -> str | None:
    """What is wrong with an instruction of a case, None when it can be checked."""
    try:
        _read(instruction.kind, canonical(instruction.settings))
    except ValueError as error:
        return str(error)
    return None


@lru_cache(maxsize=1024)
def _read(kind: str, settings: bytes) -> tuple[Check, Any]:
    """The check and its settings. Raises `ValueError` in words."""
    if kind not in KINDS:
        raise ValueError(f"no instruction kind {kind!r}")
    check = KINDS[kind]
    try:
        return check, check.Settings.model_validate_json(settings)
    except ValidationError as error:
        keys = ", ".join(sorted({".".join(map(str, problem["loc"])) for problem in error.errors()}))
        raise ValueError(f"settings of {kind}: {keys}") from None
