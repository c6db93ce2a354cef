"""One conversation on its way through the layers: its leaves, its values, and the tokens put in their place.

It is worked on in rounds: what a round replaced is searched again with the tokens in it, until nothing is found any more.
That is why redacting a redacted conversation changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from goldworks.redaction import json_in_text
from goldworks.redaction.erased import Erased
from goldworks.redaction.fields import OpenField
from goldworks.redaction.json_keys import KeyJudge
from goldworks.redaction.known import recognise
from goldworks.redaction.leaves import Leaf, Placed
from goldworks.redaction.marks import Mark, Value, resolved
from goldworks.redaction.normalise import normalise
from goldworks.redaction.policy import RedactionPolicy
from goldworks.redaction.propagation import SHORTEST_HIDDEN, Haystack, Needle, Needles, TooMuchWork, squeezed
from goldworks.redaction.records import Document, Known, RedactedDocument, RedactedField, Span
from goldworks.redaction.scanning import UNSEARCHABLE, Stretches, resolve
from goldworks.redaction.tokens import TOKEN, Numbering
from goldworks.redaction.values import Hasher, Variant, normal, squeeze, variants, words

Spans = Mapping[tuple[str, str], Sequence[Span]]
Places = Mapping[str, Sequence[tuple[int, int]]]
_SHORTEST = 3
TOO_MUCH = "too_much_work"
"""Reason of a field that was withheld because of the work it would have been: counted, so the same on every machine."""


class Conversation:
    """The state of one document."""

    def __init__(
        self, document: Document, policy: RedactionPolicy, judge: KeyJudge, hasher: Hasher, erased: Erased | None = None
    ) -> None:
        self._document, self._policy, self._judge, self._hasher, self._erased = document, policy, judge, hasher, erased
        self._fields = [OpenField(one, judge, policy.limits) for one in document.fields]
        self._stored = [OpenField(one, judge, policy.limits) for one in document.stored]
        self._numbering = Numbering(known.token for known in document.known)
        for leaf in chain(self._leaves(), (leaf for state in self._stored for leaf in state.leaves)):
            if "<" in leaf.text:
                self._numbering.reserve(leaf.text)
        self._known = {known.value_hash: known for known in reversed(document.known)}
        self._known_types = sorted({known.type for known in document.known})
        self._whole: dict[str, Value] = {}
        self._parts: dict[str, Value] = {}
        self._by_token: dict[str, Value] = {}
        self._new: dict[Value, str] = {}
        self._needles = Needles()
        self._haystacks: dict[str, Haystack] = {}
        self._is_first = True
        self._pending = [
            (state, leaf)
            for state in self._fields
            for leaf in state.leaves
            if leaf.text and not leaf.is_plain_key and not leaf.is_token
        ]

    def _leaves(self) -> Iterator[Leaf]:
        for state in self._fields:
            yield from state.leaves

    def pending(self) -> Iterator[tuple[Leaf, bool]]:
        """Leaves to search in this round, and whether names are to be looked for in them."""
        return ((leaf, state.is_prose(leaf)) for state, leaf in self._pending)

    def advance(self, found: Spans, names: Places) -> bool:
        """One round with what was found in the pending leaves; False when there was nothing to replace."""
        own = {id(leaf): spans for state, leaf in self._pending if (spans := self._spans(state, leaf, found, names))}
        self._pending = []
        if not own and not (self._is_first and (self._document.known or self._erased is not None)):
            return False
        before = len(self._needles)
        ordered = [span for spans in own.values() for span in spans]
        values = {
            id(span): self._value(span)
            for span in sorted(ordered, key=lambda span: span.type == "PERSON" and " " not in span.value.strip())
        }
        if self._is_first and self._document.known:
            self._recognise()
        if self._is_first and self._erased is not None:
            self._recognise_erased(self._erased)
        self._is_first = False
        has_new = len(self._needles) > before
        changed = False
        for state in self._fields:
            for leaf in state.leaves:
                marks = [
                    Mark(span.start, span.end, span.rule, span.layer, span.score, values[id(span)])
                    for span in own.get(id(leaf), ())
                ]
                if has_new:
                    marks += self._propagated(state, leaf)
                if marks:
                    self._place(leaf, marks)
                    changed = True
                    if not leaf.is_token:
                        self._pending.append((state, leaf))
        return changed

    def _spans(self, state: OpenField, leaf: Leaf, found: Spans, names: Places) -> list[Span]:
        spans = found.get((leaf.text, leaf.label), ())
        if spans is UNSEARCHABLE:
            state.reason = TOO_MUCH
            return []
        spans = [*spans]
        if names and state.is_prose(leaf):
            taken = Stretches((span.start, span.end) for span in spans)
            for start, end in names.get(leaf.text, ()):
                if not taken.meet(start, end):
                    value = normalise(leaf.text[start:end]).text
                    spans.append(Span(start, end, "PERSON", self._policy.names.engine, "name", self._policy.names.score, value))
        if leaf.key_type is None and leaf.kind == "text":
            spans = resolve([*spans, *json_in_text.spans(leaf.text, self._judge, self._policy.keys.score)])
        if leaf.key_type is None and not spans:
            return spans
        if leaf.key_type is not None and leaf.kind != "key" and self._judge.fits(leaf.key_type, leaf.text):
            stripped = leaf.text.strip()
            start = leaf.text.index(stripped)
            type_ = leaf.key_type
            if len(spans) == 1 and spans[0].type != "PERSON" and (spans[0].start, spans[0].end) == (start, start + len(stripped)):
                return self._without_tokens(leaf, spans)
            value = normalise(stripped).text
            if not value.strip():  # nothing that anybody could read
                return self._without_tokens(leaf, spans)
            spans = [Span(start, start + len(stripped), type_, "json_key", "key", self._policy.keys.score, value)]
        if leaf.kind == "number" and spans:
            return [Span(0, len(leaf.text), spans[0].type, spans[0].rule, spans[0].layer, spans[0].score, leaf.text)]
        return self._without_tokens(leaf, spans)

    @staticmethod
    def _without_tokens(leaf: Leaf, spans: list[Span]) -> list[Span]:
        if "<" not in leaf.text:
            return spans
        tokens = Stretches(match.span() for match in TOKEN.finditer(leaf.text))
        cut: list[Span] = []
        for span in spans:
            inside = tokens.meeting(span.start, span.end)
            if not inside:
                cut.append(span)
                continue
            edges = [span.start, *(edge for token in inside for edge in token), span.end]
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                text = leaf.text[start:end].strip() if start < end else ""
                if any(map(str.isalnum, text)):
                    at = leaf.text.index(text, start)
                    cut.append(Span(at, at + len(text), span.type, span.rule, span.layer, span.score, text))
        return cut

    def _value(self, span: Span) -> Value:
        form = normal(span.type, span.value)
        value = self._whole.get(form)
        if value is None and span.type == "PERSON":
            value = self._parts.get(form)
        return value if value is not None else self._created(span.type, span.value, form, span.rule, span.score)

    def _created(self, type_: str, text: str, form: str, rule: str, score: float, known: Known | None = None) -> Value:
        forms = variants(type_, text)
        erased = self._erased.look_up(forms) if self._erased is not None and known is None else None
        stored_hash = self._stored_hash(erased)
        if known is None:
            known = self._looked_up(type_, form, forms) if stored_hash is None else self._known.get(stored_hash)
        if known is not None:
            value = self._by_token.get(known.token)
            if value is None:
                value = Value(known.type, rule, score, known.value_hash, known.variant_hashes, known.variant_words, known.token)
                self._by_token[known.token] = value
        elif stored_hash is not None:
            value = Value(type_, rule, score, stored_hash, (), 1)
        else:
            hashes = self._hasher.many(type_, [one.squeezed for one in forms])
            longest = max(words(text), 1) + (2 if form.isdigit() else 1)
            value = Value(type_, rule, score, hashes[0], tuple(hashes[1:]), longest)
            self._new[value] = text
        self._whole.setdefault(form, value)
        is_name = type_ == "PERSON"
        for one in forms:
            if one.is_part:
                self._parts.setdefault(one.squeezed, value)
            else:
                self._whole.setdefault(one.squeezed, value)
            if len(one.squeezed) >= _SHORTEST or not one.squeezed.isascii():
                is_careful = one.is_part or (is_name and len(text.split()) == 1)
                self._needles.append(Needle(one.squeezed, value, is_careful, rule == self._policy.names.engine))
        return value

    def _looked_up(self, type_: str, form: str, forms: Sequence[Variant]) -> Known | None:
        """The value of an earlier day that this is."""
        if not self._known:
            return None
        for known_type in dict.fromkeys((type_, *self._known_types)):
            for digest in self._hasher.many(known_type, [form, *(one.squeezed for one in forms)]):
                known = self._known.get(digest)
                if known is not None:
                    return known
        if type_ == "PERSON" and len(forms) == 1:
            digest = self._hasher.digest(type_, form)
            return next((known for known in self._document.known if digest in known.variant_hashes), None)
        return None

    def _recognise(self) -> None:
        """Values of earlier days that stand in the new leaves, found by their hashes alone."""
        texts = [leaf.text for leaf in self._leaves() if leaf.text and not leaf.is_plain_key]
        for text, known, is_part in recognise(texts, self._document.known, self._hasher):
            form = squeeze(text)
            if form not in self._whole and form not in self._parts:
                if is_part:
                    value = self._by_token.get(known.token)
                    if value is None:
                        value = Value(
                            known.type, "known", 1.0, known.value_hash, known.variant_hashes, known.variant_words, known.token
                        )
                        self._by_token[known.token] = value
                    self._parts[form] = value
                    self._needles.append(Needle(form, value, known.type == "PERSON"))
                else:
                    self._created(known.type, text, form, "known", 1.0, known)

    def _recognise_erased(self, erased: Erased) -> None:
        """Values that were erased on request and that no rule has found here."""
        texts = [leaf.text for leaf in self._leaves() if leaf.text and not leaf.is_plain_key]
        for text, known in erased.find(texts):
            form = squeeze(text)
            if form not in self._whole and form not in self._parts:
                value = self._by_token.get(known.token)
                if value is None:
                    value = Value(known.type, "erased", 1.0, erased.stored_hash(self._document.conversation_id, known), (), 1)
                    value.token = known.token
                    self._by_token[known.token] = value
                self._whole[form] = value
                self._needles.append(Needle(form, value))

    def _stored_hash(self, erased: Known | None) -> str | None:
        """What is kept of a value that is recognised here and was erased elsewhere."""
        if erased is None or self._erased is None:
            return None
        return self._erased.stored_hash(self._document.conversation_id, erased)

    def _propagated(self, state: OpenField, leaf: Leaf) -> list[Mark]:
        if not leaf.text or leaf.is_token:
            return []
        is_whole = leaf.kind == "number" or leaf.is_plain_key
        if is_whole and len(leaf.text) < SHORTEST_HIDDEN and not self._needles.has(squeezed(leaf.text)):
            return []
        hay = self._haystacks.get(leaf.text)
        if hay is None:
            hay = self._haystacks[leaf.text] = Haystack(leaf.text)
        try:
            found = hay.find(self._needles)
        except TooMuchWork:
            state.reason = TOO_MUCH
            return []
        if found and is_whole:
            found = [one for one in found if (one.start, one.end) == (0, len(leaf.text))]
        return [
            Mark(one.start, one.end, one.needle.value.rule, "propagation", one.needle.value.score, one.needle.value)
            for one in found
        ]

    def _place(self, leaf: Leaf, marks: list[Mark]) -> None:
        tokens: list[tuple[int, int, str, Placed]] = []
        for mark in resolved(marks, leaf.text):
            value = mark.value
            if value.token is None:
                value.token = self._numbering.next(value.type)
                self._by_token[value.token] = value
            tokens.append((mark.start, mark.end, value.token, Placed(0, 0, value, mark.rule, mark.layer, mark.score)))
        leaf.replace(tokens)

    def new_values(self) -> Iterator[tuple[str, str]]:
        """(token, value) of what was found for the first time: for the vault, to be encrypted at once."""
        return ((value.token, text) for value, text in self._new.items() if value.token is not None)

    def withhold(self, reason: str) -> None:
        """Give up on the whole conversation."""
        for state in self._fields:
            state.reason = reason

    def result(self) -> RedactedDocument:
        """The redacted fields, and the stored ones in which a value was found only now."""
        fields = tuple(state.closed() for state in self._fields)
        rewritten: list[RedactedField] = []
        for state in self._stored if self._needles else ():
            if self._searched_again(state):
                rewritten.append(state.closed())
        return RedactedDocument(self._document.conversation_id, fields, tuple(rewritten))

    def _searched_again(self, state: OpenField) -> bool:
        has_changed = False
        for leaf in state.leaves:
            marks = self._propagated(state, leaf)
            if marks:
                self._place(leaf, marks)
                has_changed = True
        return has_changed or state.reason == TOO_MUCH
