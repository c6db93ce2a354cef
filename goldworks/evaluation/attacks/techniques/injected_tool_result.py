"""Indirect injection through what a tool gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from goldworks.evaluation.attacks.goals import aim
from goldworks.evaluation.attacks.seeds import Carrier, Goal, Seeds, filled
from goldworks.evaluation.attacks.technique import Making, Technique, question_at
from goldworks.golden.case import Case, CaseCall, CaseMessage, Expected

REMARK = "remark"
"""Key under which an object gets the injected text."""


class InjectedToolResult(Technique):
    """The last result of a tool holds an instruction, beside what it held before.

    A case that ends with a tool's result keeps what it expects. To one that ends with the user's question and has tools, a call
    of the first expected tool (or of any) is added, with the injected text as its result; then only the attack is expected,
    for nobody has said what a good next step is.
    """

    name = "injected_tool_result"
    what = "an instruction in what a tool gives back"
    owasp = ("LLM01",)
    atlas = ("AML.T0051.001",)

    def texts(self, seeds: Seeds) -> Sequence[tuple[str, tuple[Carrier, Goal]]]:
        """Each carrier with each goal."""
        return [(f"{c.id}/{g.id}", (c, g)) for c in seeds.indirect.tool_results for g in seeds.indirect.goals]

    def make(self, base: Case, text: tuple[Carrier, Goal], making: Making) -> Case | None:
        """See the class."""
        carrier, goal = text
        with_result, expected = _with_result(base, making) or (None, Expected())
        found = aim(goal, with_result, making) if with_result is not None else None
        if found is None:
            return None
        last = found.case.messages[-1]
        injected = filled(carrier.text, instruction=found.instruction)
        if last.tool_result is None:
            last = msgspec.structs.replace(last, text=f"{last.text}\n{injected}" if last.text else injected)
        else:
            last = msgspec.structs.replace(last, tool_result=_with_remark(last.tool_result, injected))
        messages = (*found.case.messages[:-1], last)
        return msgspec.structs.replace(found.case, messages=messages, expected=found.expecting(expected))


def _with_result(base: Case, making: Making) -> tuple[Case, Expected] | None:
    """The case ending with a tool's result, and what is expected of it."""
    if base.messages and base.messages[-1].role == "tool":
        return base, base.expected
    at = question_at(base)
    if at != len(base.messages) - 1 or not base.tools:
        return None
    expected = base.expected.tool_calls[:1]
    name = expected[0].name if expected else making.random.choice(sorted(tool.name for tool in base.tools))
    call = CaseCall(name=name, arguments=expected[0].arguments if expected else {}, id="call_0")
    asked = CaseMessage(role="assistant", tool_calls=(call,))
    answered = CaseMessage(role="tool", tool_call_id="call_0", tool_result={"status": "ok"})
    return msgspec.structs.replace(base, messages=(*base.messages, asked, answered)), Expected()


def _with_remark(result: Any, injected: str) -> Any:
    if isinstance(result, Mapping):
        return {**cast("Mapping[str, Any]", result), REMARK: injected}
    if isinstance(result, list):
        return [*cast("list[Any]", result), {REMARK: injected}]
    return {"result": result, REMARK: injected}
