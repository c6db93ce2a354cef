"""A goal of an indirect attack put into words for one case: what is injected, and how its success is seen."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from goldworks.evaluation.attacks.seeds import Goal, filled
from goldworks.evaluation.attacks.technique import Making, with_secret
from goldworks.golden.case import Attack, Case, Expected

LINKS = (("LLM05",), ("AML.T0077",))
SECRETS = (("LLM02", "LLM07"), ("AML.T0057",))
TOOLS = (("LLM06",), ("AML.T0053",))


@dataclass(frozen=True, slots=True)
class Aim:
    """The instruction that the attack injects, the case it works on, and the attack without its technique."""

    instruction: str
    case: Case
    attack: Attack

    def expecting(self, expected: Expected) -> Expected:
        """`expected` under attack."""
        return msgspec.structs.replace(expected, attack=self.attack)


def aim(goal: Goal, case: Case, making: Making) -> Aim | None:
    """The goal for this case; None when it wants a tool and the case has none for it."""
    (link, render) = LINKS if goal.channel == "link" else ((), ())
    canary = making.canary
    if goal.wants == "tool":
        tool = tool_to_misuse(case, making)
        if tool is None:
            return None
        attack = Attack("", forbidden_tools=(tool,), owasp=TOOLS[0], atlas=TOOLS[1])
        return Aim(filled(goal.text, tool=tool), case, attack)
    if goal.channel == "tool" and not case.tools:
        return None
    if goal.wants == "secret":
        out = ("AML.T0086",) if goal.channel == "tool" else ()
        attack = Attack("", canary=canary.word, owasp=(*SECRETS[0], *link), atlas=(*SECRETS[1], *render, *out))
        return Aim(goal.text, with_secret(case, making), attack)
    attack = Attack("", canary=canary.word, owasp=link, atlas=render)
    return Aim(filled(goal.text, first=canary.first, second=canary.second), case, attack)


def tool_to_misuse(case: Case, making: Making) -> str | None:
    """A tool that nobody asked for: one that the case forbids, else, when it says which calls are expected, one that was neither
    called nor is expected. Of a case that says neither nobody knows what a good assistant would call.
    """
    expected = case.expected
    free = [tool.name for tool in case.tools if tool.name in expected.forbidden_tools]
    if not free and expected.tool_calls:
        used = {call.name for message in case.messages for call in message.tool_calls}
        used |= {call.name for call in expected.tool_calls}
        free = [tool.name for tool in case.tools if tool.name not in used]
    return making.random.choice(sorted(free)) if free else None
