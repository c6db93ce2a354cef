"""Finds structured values and secrets in a batch of texts: prefilter, rules, checks, context words, threshold."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from threading import Lock

from goldworks.redaction import addresses, credentials, cues, prefilter, structured
from goldworks.redaction.broken import is_one_value
from goldworks.redaction.compiled import Compiled
from goldworks.redaction.encoded import decoded
from goldworks.redaction.normalise import View, joined, normalise
from goldworks.redaction.policy import RedactionPolicy
from goldworks.redaction.records import Span
from goldworks.redaction.rules import Judged, Rule, always, value_of

BUILT_IN: tuple[Rule, ...] = (*structured.RULES, *credentials.RULES, *addresses.RULES, *cues.RULES)
_REACH = 60
_REACH_AFTER = 30
_CACHE_CHARACTERS = 3_000_000
_SHORTEST_HIDDEN = 12
_MOST_MATCHES = 20_000
_NOTHING: tuple[Span, ...] = ()
UNSEARCHABLE = (Span(0, 0, "UNKNOWN", "too_much_work", "pattern", 1.0, ""),)
"""The spans of a text of which the rules match more than anything written by people or programs: it is withheld."""


class _TooMuchWork(Exception):
    """More matches than `_MOST_MATCHES` and one a character."""


class _Seen:
    """A text as the rules see it, with the indices of the rules that may match."""

    __slots__ = ("across", "broken", "first", "hidden", "inside", "plain", "text", "view")

    def __init__(
        self, text: str, view: View, broken: tuple[View, list[int]] | None, hidden: list[tuple[int, int, str]], first: int
    ) -> None:
        self.text, self.view, self.broken, self.hidden, self.first = text, view, broken, hidden, first
        self.plain: Collection[int] = ()
        self.across: Collection[int] = ()
        self.inside: list[Collection[int]] = []

    def with_hits(self, candidates: Mapping[int, Collection[int]]) -> _Seen:
        """Itself, with its share of what the prefilter said."""
        index = self.first
        self.plain = candidates.get(index, ())
        if self.broken is not None:
            index += 1
            self.across = candidates.get(index, ())
        self.inside = [candidates.get(index + number, ()) for number in range(1, len(self.hidden) + 1)]
        return self


class Scanner:
    """All pattern and secret rules that a policy has on. `scan` answers with spans of the original texts."""

    def __init__(self, policy: RedactionPolicy, compiled: Compiled | None = None) -> None:
        self._policy = policy
        own = tuple(Rule(o.name, o.type, "pattern", "", o.compiled(), always) for o in policy.own_patterns)
        active = tuple(rule for rule in BUILT_IN if policy.rules.get(rule.name, 0.0) > 0)
        self._rules = (*active, *own)
        self._scores = [policy.rules[rule.name] for rule in active] + [o.score for o in policy.own_patterns]
        self._own = range(len(active), len(self._rules))
        self._prefilter = prefilter.build([rule.hint for rule in active], compiled)
        self._context = {
            type_: re.compile(r"(?i)(?<![a-z])(?:" + "|".join(map(re.escape, words)) + r")(?![a-z])")
            for type_, words in policy.context.items()
            if words
        }
        self._across_names = frozenset(rule.name for rule in self._rules if rule.across_lines)
        self._cache: dict[tuple[str, str], tuple[Span, ...]] = {}
        self._cached = 0
        self._one_at_a_time = Lock()  # hyperscan works in one piece of memory

    def scan(self, texts: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[Span, ...]]:
        """Spans for each (text, label). The label is what stands before the text outside it: the key it has in its JSON.

        A text that is too much work has the one span `UNSEARCHABLE`.
        """
        found = dict.fromkeys(texts, _NOTHING)
        with self._one_at_a_time:
            self._fill(found)
        return found

    def _fill(self, found: dict[tuple[str, str], tuple[Span, ...]]) -> None:
        todo: list[tuple[str, str]] = []
        for item in found:
            spans = self._cache.get(item)
            if spans is None:
                todo.append(item)
            else:
                found[item] = spans
        if todo:
            seen = self._look(list({text: None for text, _ in todo}))
            fresh = {(text, label): self._spans(seen[text], label) if text in seen else _NOTHING for text, label in todo}
            found |= fresh
            self._remember(fresh)

    def _look(self, texts: list[str]) -> dict[str, _Seen]:
        """What each text shows, with the rules whose hints stand in it; texts without any are left out."""
        seen: list[_Seen] = []
        flat: list[str] = []
        for text in texts:
            view = normalise(text)
            broken = joined(view) if "\n" in view.text else None
            hidden = [*decoded(view.text)] if len(view.text) >= _SHORTEST_HIDDEN else []
            seen.append(_Seen(text, view, broken, hidden, len(flat)))
            flat.append(view.text)
            if broken is not None:
                flat.append(broken[0].text)
            for _, _, said in hidden:
                flat.append(said)
        candidates = self._prefilter.candidates(flat)
        if self._own:
            return {one.text: one.with_hits(candidates) for one in seen}
        bounds = [*(one.first for one in seen), len(flat)]
        hit = {bisect_right(bounds, index) - 1 for index in candidates}
        return {seen[index].text: seen[index].with_hits(candidates) for index in hit}

    def _spans(self, seen: _Seen, label: str) -> tuple[Span, ...]:
        try:
            spans = self._find(seen.view.text, label, seen.plain)
            if seen.broken is not None and seen.across:
                spans += self._across(seen.view.text, *seen.broken, label, seen.across, spans)
            for (start, end, said), hits in zip(seen.hidden, seen.inside, strict=True):
                if hits or self._own:
                    spans += self._inside(said, label, hits, start, end)
        except _TooMuchWork:
            return UNSEARCHABLE
        return tuple(_placed(span, seen.view) for span in resolve(spans)) if spans else _NOTHING

    def _remember(self, fresh: dict[tuple[str, str], tuple[Span, ...]]) -> None:
        if self._cached > _CACHE_CHARACTERS:
            self._cache.clear()
            self._cached = 0
        for item, spans in fresh.items():
            if len(item[0]) < 20_000:
                self._cache[item] = spans
                self._cached += len(item[0]) + 100

    def _find(self, text: str, label: str, hits: Iterable[int]) -> list[Span]:
        found: list[Span] = []
        left = _MOST_MATCHES + len(text)
        for index in [*sorted(hits), *self._own]:
            rule, score = self._rules[index], self._scores[index]
            for span in self._again(rule, score, text, label) if rule.again else self._once(rule, score, text, label):
                left -= 1
                if span is not None:
                    found.append(span)
                if left < 0:
                    raise _TooMuchWork
        return found

    def _once(self, rule: Rule, score: float, text: str, label: str) -> Iterator[Span | None]:
        return (self._judge(rule, score, match, label) for match in rule.regex.finditer(text))

    def _again(self, rule: Rule, score: float, text: str, label: str) -> Iterator[Span | None]:
        at = 0
        while (match := rule.regex.search(text, at)) is not None:
            span = self._judge(rule, score, match, label)
            at = match.start() + 1 if span is None else match.end()
            yield span

    def _judge(self, rule: Rule, score: float, match: re.Match[str], label: str) -> Span | None:
        verdict = rule.check(match)
        factor, start, end = verdict if isinstance(verdict, Judged) else (verdict, *value_of(match))
        if factor <= 0.0:
            return None
        text = match.string
        value = text[start:end]
        if factor < 1.0:
            score *= factor
            if score < self._policy.threshold and self._has_context(rule.type, text, start, end, label):
                score += self._policy.context_boost
        if score < self._policy.threshold or self._policy.is_allowed(rule.type, value) or not value.strip():
            return None
        return Span(start, end, rule.type, rule.name, rule.layer, round(min(score, 1.0), 3), value)

    def _has_context(self, type_: str, text: str, start: int, end: int, label: str) -> bool:
        words = self._context.get(type_)
        if words is None:
            return False
        near = f"{label} {text[max(0, start - _REACH) : start]} | {text[end : end + _REACH_AFTER]}"
        return words.search(near) is not None

    def _across(
        self, text: str, view: View, breaks: list[int], label: str, hits: Collection[int], plain: list[Span]
    ) -> list[Span]:
        """Spans that cross a line break; what stands whole is left as it is, unless it is a part of one of them."""
        rules = {index for index in hits if self._rules[index].across_lines}
        found: list[Span] = []
        taken = Stretches((span.start, span.end) for span in resolve(plain))
        for span in self._find(view.text, label, rules) if rules else ():
            if span.rule not in self._across_names or not any(span.start < at < span.end for at in breaks):
                continue
            start, end = view.origin(span.start, span.end)
            if self._is_whole(text, view, breaks, span, taken.meeting(start, end)):
                found.append(Span(start, end, span.type, span.rule, span.layer, span.score, span.value))
        return found

    def _is_whole(self, text: str, view: View, breaks: Sequence[int], span: Span, standing: Sequence[tuple[int, int]]) -> bool:
        """Whether a span across a break stands in its own right: what stood whole there is a part that leaves some of it."""
        if not standing:
            return True
        start, end = view.origin(span.start, span.end)
        edges = [start, *(edge for stretch in standing for edge in stretch), end]
        rest = "".join(text[one:other] for one, other in zip(edges[::2], edges[1::2], strict=True))
        if standing[0][0] < start or standing[-1][1] > end or not any(map(str.isalnum, rest)):
            return False
        cuts = [span.start, *(at for at in breaks if span.start < at < span.end), span.end]
        pieces = [view.text[one:other] for one, other in pairwise(cuts)]
        return is_one_value(span.rule, span.score >= self._policy.rules[span.rule], pieces)

    def _inside(self, said: str, label: str, hits: Collection[int], start: int, end: int) -> list[Span]:
        """A run of base64 that says something recognised: the whole run, with the value that it hides."""
        spans = resolve(self._find(said, label, hits))
        if not spans:
            return []
        best = max(spans, key=lambda span: span.score)
        return [Span(start, end, best.type, best.rule, best.layer, best.score, best.value)]


class Stretches:
    """Stretches of a text, in order and not overlapping, that can be asked quickly."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        self._places = [*stretches]
        self._ends = [end for _, end in self._places]

    def meeting(self, start: int, end: int) -> list[tuple[int, int]]:
        """Those that overlap [start, end)."""
        first = bisect_right(self._ends, start)
        last = first
        while last < len(self._places) and self._places[last][0] < end:
            last += 1
        return self._places[first:last]

    def meet(self, start: int, end: int) -> bool:
        """Whether any overlaps [start, end)."""
        first = bisect_right(self._ends, start)
        return first < len(self._places) and self._places[first][0] < end


def resolve(spans: Sequence[Span]) -> list[Span]:
    """Spans that do not overlap, in order. What contains others wins; of two that only overlap the better one is widened."""
    if len(spans) < 2:
        return [*spans]
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end, -span.score, span.rule)):
        if not chosen or span.start >= chosen[-1].end:
            chosen.append(span)
            continue
        last = chosen[-1]
        if span.end <= last.end:
            if (span.start, span.end) == (last.start, last.end) and span.score > last.score:
                chosen[-1] = span
            continue
        better = last if last.score >= span.score else span
        value = last.value + span.value[last.end - span.start :] if len(span.value) == span.end - span.start else better.value
        chosen[-1] = Span(last.start, span.end, better.type, better.rule, better.layer, better.score, value)
    return chosen


def _placed(span: Span, view: View) -> Span:
    start, end = view.origin(span.start, span.end)
    return Span(start, end, span.type, span.rule, span.layer, span.score, span.value)
