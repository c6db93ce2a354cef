"""Reading a label out of an answer, and how the decision is kept in a score's detail for the confusion matrix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import orjson

from goldworks.evaluation.scorers.words import plain

NO_LABEL = "(no label)"
"""How an answer without a readable label is called in a confusion matrix."""

LABELLED = re.compile(r"\b(?:label|class|category|intent|answer|sentiment)\b[\"'*_`]*\s*(?:is|:|=)\s*(.+)")


class Decision(NamedTuple):
    """What was expected and what the answer says, None when no label could be read."""

    expected: str
    said: str | None


def detail_of(decision: Decision) -> str:
    """The decision as a score's detail: labels of the suite or the case only, never other text of the answer."""
    return orjson.dumps({"expected": decision.expected, "said": decision.said}).decode()


def decision_of(value: float | None, detail: str | None) -> Decision | None:
    """The decision in a score's detail, None when the score has no value or its detail is of another kind."""
    if value is None or not detail or not detail.startswith("{"):
        return None
    try:
        return msgspec.json.decode(detail, type=_Kept).decision
    except msgspec.MsgspecError:
        return None


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    expected: str
    said: str | None

    @property
    def decision(self) -> Decision:
        return Decision(self.expected, self.said)


def label_in(text: str, labels: Sequence[str]) -> str | None:
    """The label that an answer gives, by the first of these rules that finds exactly one; None when none does.

    Letter case and surrounding white space, quotes, `*`, `_`, backquotes and a final full stop do not count; `_`, `-` and blanks
    within a label are alike.

    1. The whole answer is a label.
    2. Its first, else its last line with text is a label.
    3. A JSON object whose value under `label`, `class`, `category`, `intent`, `answer` or `sentiment` is a label.
    4. After `label:`, `class is`, `category =` and the like, a label begins.
    5. Exactly one of the labels stands in the answer as whole words, longer labels before shorter ones that stand within them.

    An answer that names two labels and none of 1 to 4 decides has none: the first of them would make `not spam, but ham` spam.
    """
    known = {_bare(label): label for label in labels}
    lines = [line for line in text.splitlines() if line.strip()]
    for candidate in (text, *(lines[:1] + lines[-1:])):
        if (found := known.get(_bare(candidate))) is not None:
            return found
    for said in (*_json_values(text), *LABELLED.findall(plain(text))):
        here = _bare(said)
        fitting = [label for label in known if here == label or re.match(rf"{re.escape(label)}(?!\w)", here)]
        if fitting:
            return known[max(fitting, key=len)]
    return _only_one(_bare(text), known)


def _only_one(text: str, known: dict[str, str]) -> str | None:
    found: set[str] = set()
    for label in sorted(known, key=len, reverse=True):
        pattern = re.compile(rf"(?<!\w){re.escape(label)}(?!\w)")
        if label and pattern.search(text):
            found.add(known[label])
            text = pattern.sub("\x00", text)  # a shorter label within it does not stand on its own
    return found.pop() if len(found) == 1 else None


def _json_values(text: str) -> list[str]:
    start, end = text.find("{"), text.rfind("}")
    try:
        value = orjson.loads(text[start : end + 1]) if 0 <= start < end else None
    except orjson.JSONDecodeError:
        return []
    if not isinstance(value, dict):
        return []
    keys = ("label", "class", "category", "intent", "answer", "sentiment")
    return [found for key in keys if isinstance(found := value.get(key), str)]  # type: ignore[reportUnknownMemberType]


def _bare(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", plain(text)).strip(" \"'*`.“”‘")
