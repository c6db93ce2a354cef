"""Does redaction spoil evaluation? Scores of the same conversations raw and redacted, in memory, with the paired difference.

Tool calls are scored against themselves (right) and against the same call with one argument's value from another conversation
(wrong), redacted together as a case and its answer are.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.redaction import ours
from benchmarks.redaction.conversations import Raw, plain, read, twin
from benchmarks.redaction.report import Report, progress
from goldworks.evaluation.answers import Answer, Call
from goldworks.evaluation.scorers.lexical_support import LexicalSupport
from goldworks.evaluation.scorers.protocol import NoSettings, Scorer
from goldworks.evaluation.scorers.refusal import Refusal
from goldworks.evaluation.scorers.tool_calls import ToolCalls
from goldworks.golden.case import Case, CasePassage, Expected, ExpectedCall
from goldworks.redaction import Field
from goldworks.redaction.tokens import TOKEN
from goldworks.statistics.comparisons import paired_difference
from goldworks.statistics.estimates import mean

Became = Callable[[str, str, Any], Any]
SAME = 1e-9


class Pair(NamedTuple):
    """One score of a raw case and its answer, and of their redacted twin; `types` are those of the tokens in the twin."""

    conversation: str
    raw: float
    redacted: float
    types: frozenset[str]


def run(report: Report, data: Path) -> None:
    """All three scorers on the sample."""
    raws = read(data / "sample" / "logs")
    wrong = wrong_calls(raws)
    for raw in raws:  # the wrong calls are redacted in the conversation they belong to, as an answer is
        extra = [Field(f"wrong-{at}", "assistant", "tool_calls", made) for at, (_, made) in enumerate(wrong[name_of(raw)])]
        raw.document = msgspec.structs.replace(raw.document, fields=(*raw.document.fields, *extra))
    progress(f"spoiling: {len(raws):,} conversations are redacted in memory")
    done = ours.redact(ours.fast_redactor(), [raw.document for raw in raws])
    scored: dict[str, list[Pair]] = defaultdict(list)
    for raw, redacted in zip(raws, done, strict=True):
        became = twin(raw, redacted)
        scored["support"] += _support(raw, became)
        scored["refusal"] += _refusal(raw, became)
        scored["calls, right"] += _calls(raw, became, ((made, made) for made in calls_of(raw)))
        scored["calls, wrong"] += _calls(raw, became, wrong[name_of(raw)])
    report.title("Scores on raw and on redacted twins of the sample's conversations")
    lines = [_line(report, name, pairs) for name, pairs in scored.items()]
    head = ["scorer", "n", "equal", "raw", "redacted", "difference", "95 % interval", "raw +-"]
    report.table("Redacted minus raw, clustered by conversation", head, lines)
    report.say("support: lexical_support; calls: tool_calls; raw +-: half the 95 % interval of the raw mean, its noise.")
    for name, pairs in scored.items():
        report.say(f"{name}: {_why(pairs)}")


def name_of(raw: Raw) -> str:
    return raw.document.conversation_id


def calls_of(raw: Raw) -> Iterator[list[dict[str, Any]]]:
    """Tool calls of the conversation's assistant messages, each distinct list once."""
    for field in raw.document.fields:
        if field.role == "assistant" and field.name == "tool_calls" and not field.owner.startswith("wrong-"):
            yield field.value


def wrong_calls(raws: Sequence[Raw]) -> dict[str, list[tuple[list[dict[str, Any]], list[dict[str, Any]]]]]:
    """By conversation: calls as they are, and with one argument's value from the same tool's call in another conversation."""
    values: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for raw in raws:
        for calls in calls_of(raw):
            for call in calls:
                for key, value in arguments_of(call).items():
                    values[call["name"], key].append(value)
    draw = random.Random(7)
    made: dict[str, list[tuple[list[dict[str, Any]], list[dict[str, Any]]]]] = defaultdict(list)
    for raw in raws:
        for calls in calls_of(raw):
            places = [(at, key) for at, call in enumerate(calls) for key in arguments_of(call)]
            if not places:
                continue
            at, key = draw.choice(places)
            call = calls[at]
            others = [value for value in values[call["name"], key] if value != call["arguments"][key]]
            if others:
                changed = {**call, "arguments": {**call["arguments"], key: draw.choice(others)}}
                made[name_of(raw)].append((calls, [*calls[:at], changed, *calls[at + 1 :]]))
    return made


def arguments_of(call: Any) -> dict[str, Any]:
    found = call.get("arguments")
    return found if isinstance(found, dict) else {}


def _support(raw: Raw, became: Became) -> Iterator[Pair]:
    for turn in raw.turns:
        text = next((message.text for message in turn.reply if message.text), None)
        found = [plain(retrieval.passages) for retrieval in turn.retrievals if retrieval.passages]
        if text and found:
            cases = [_with_passages(found), _with_passages([became("retrieval", "passages", one) for one in found])]
            yield from _pair(raw, LexicalSupport(NoSettings()), cases, [text, became("assistant", "text", text)])


def _with_passages(found: Sequence[Any]) -> Case:
    passages = [
        CasePassage(id=one.get("id"), text=one.get("text")) for each in found if not isinstance(each, str) for one in each
    ]
    return _case(passages=tuple(passages))


def _refusal(raw: Raw, became: Became) -> Iterator[Pair]:
    """1 where the answer does not refuse."""
    for text in dict.fromkeys(message.text for turn in raw.turns for message in turn.reply):
        if text:
            case = _case(expected=Expected(reference="an answer"))
            yield from _pair(raw, Refusal(NoSettings()), [case, case], [text, became("assistant", "text", text)])


def _calls(raw: Raw, became: Became, calls: Any) -> Iterator[Pair]:
    scorer = ToolCalls(ToolCalls.Settings())
    for expected, made in calls:
        twins = [(expected, made), (became("assistant", "tool_calls", expected), became("assistant", "tool_calls", made))]
        if not any(isinstance(value, str) for value in twins[1]):  # withheld: there is nothing to compare
            cases = [_case(expected=Expected(tool_calls=tuple(_expected(call) for call in one))) for one, _ in twins]
            answers = [tuple(Call(call["name"], call.get("arguments")) for call in other) for _, other in twins]
            scores = [scorer.score(case, _answer(tool_calls=calls)) for case, calls in zip(cases, answers, strict=True)]
            yield Pair(name_of(raw), scores[0].value or 0.0, scores[1].value or 0.0, types_in(twins[1]))


def _pair(raw: Raw, scorer: Scorer, cases: Sequence[Case], texts: Sequence[Any]) -> Iterator[Pair]:
    """Nothing where the scorer has nothing to say of the raw one; a twin without a score counts as 0."""
    if scorer.applies(cases[0]):
        scores = [scorer.score(case, _answer(text=text)) for case, text in zip(cases, texts, strict=True)]
        if scores[0].value is not None:
            yield Pair(name_of(raw), scores[0].value, scores[1].value or 0.0, types_in((cases[1], texts[1])))


def _case(**parts: Any) -> Case:
    return Case(case_id="case", use_case="benchmark", tier="T3", origin="production", **parts)


def _answer(**parts: Any) -> Answer:
    return Answer(case_id="case", repeat=0, **parts)


def _expected(call: dict[str, Any]) -> ExpectedCall:
    return ExpectedCall(name=call["name"], arguments=arguments_of(call))


def types_in(value: Any) -> frozenset[str]:
    """Types of the tokens that stand anywhere in a value."""
    text = msgspec.json.encode(value).decode()
    return frozenset(match[1] or "WITHHELD" for match in TOKEN.finditer(text))


def _line(report: Report, name: str, pairs: Sequence[Pair]) -> list[str]:
    clusters = [pair.conversation for pair in pairs]
    raw, redacted = [pair.raw for pair in pairs], [pair.redacted for pair in pairs]
    own, difference = mean(raw, clusters), paired_difference(raw, redacted, clusters)
    equal = sum(is_equal(pair) for pair in pairs) / len(pairs) if pairs else None
    noise = (own.high - own.low) / 2 if own.high is not None and own.low is not None else None
    report.figures.setdefault("spoiling", {})[name] = {
        "n": len(pairs),
        "equal": equal,
        "raw": own.value,
        "difference": difference.value,
        "low": difference.low,
        "high": difference.high,
        "noise": noise,
    }
    if not pairs or own.value is None or difference.value is None:
        return [name, "0", *("-" for _ in range(6))]
    bounds = "-" if difference.low is None or difference.high is None else f"{difference.low:+.4f}..{difference.high:+.4f}"
    after = f"{own.value + difference.value:.4f}"
    spread = "-" if noise is None else f"{noise:.4f}"
    return [name, f"{len(pairs):,}", f"{equal:.2%}", f"{own.value:.4f}", after, f"{difference.value:+.4f}", bounds, spread]


def is_equal(pair: Pair) -> bool:
    return abs(pair.raw - pair.redacted) < SAME


def _why(pairs: Sequence[Pair]) -> str:
    other = [pair for pair in pairs if not is_equal(pair)]
    touched = [pair for pair in pairs if pair.types]
    if not other:
        return f"no score differs, in {len(touched):,} pairs with a token"
    most = max(other, key=lambda pair: abs(pair.raw - pair.redacted))
    types = Counter(type_ for pair in other for type_ in pair.types)
    named = ", ".join(f"{type_} in {number}" for type_, number in types.most_common(5)) or "nothing"
    size = abs(most.raw - most.redacted)
    return (
        f"{len(other):,} differ, {sum(pair.redacted > pair.raw for pair in other):,} of them upwards, by at most {size:.3f}; "
        f"{len(touched):,} have a token in answer, passages or arguments; those that differ hold {named}"
    )
