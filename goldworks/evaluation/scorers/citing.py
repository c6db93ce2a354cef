"""Citations in answers: where they stand, what they resolve to, and the sentences that carry them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from goldworks.evaluation.scorers.passages import Passage
from goldworks.evaluation.scorers.refusal import is_refusal
from goldworks.evaluation.scorers.words import SENTENCE_END, WORD, plain

BRACKET = re.compile(r"\s?\[\^?([^\[\]\n]{1,80})\](?!\()")
PARTS = re.compile(r"\s*[,;]\s*")
CLAIMS_NOTHING = re.compile(
    r"""(?:hi|hello|hey|dear|good\s+(?:morning|afternoon|evening)|thanks|thank\s+you|you(?:'re|\s+are)\s+welcome|sure|certainly
      |of\s+course|great\s+question|i\s+hope|i'm\s+happy\s+to|i\s+am\s+happy\s+to|happy\s+to\s+help|let\s+me\s+know|please\s+let
      |feel\s+free|if\s+you\s+(?:have|need)\s+(?:any|more|further)|here\s+(?:is|are)\s+(?:the|what|your|a)\b[^.]*:$
      |sorry|bye|goodbye|have\s+a\s+(?:nice|great|good))\b""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer without its citations. `cited`: indexes of passages, in order, each once; `dangling`: citations
    that resolve to none.
    """

    text: str
    cited: tuple[int, ...]
    dangling: int

    @property
    def claims(self) -> bool:
        """Whether it states a fact: no greeting, thanks, offer of help, question, or refusal. English phrases decide."""
        flat = plain(self.text).strip()
        return bool(flat) and not flat.endswith("?") and not CLAIMS_NOTHING.match(flat) and not is_refusal(self.text)


def cited_sentences(text: str, passages: Sequence[Passage]) -> list[Sentence]:
    """Sentences with at least one word, in order. A citation behind the full stop belongs to the sentence before it.

    A citation is `[2]`, `[1, 3]`, `[^1]` or `[doc-4]`: each part is the id of a passage, else its place from 1. What is
    neither, but a number, or of the shape of an id here (`doc-9` among `doc-1` and `doc-2`), is a citation that resolves to
    nothing. Other brackets are text, as is a Markdown link `[text](address)`.
    """
    ids = {passage.id: index for index, passage in reversed([*enumerate(passages)])}
    shapes = {_shape(id) for id in ids}
    found: list[Sentence] = []
    for part in SENTENCE_END.split(text):
        cited: list[int] = []
        dangling = 0
        plain_text, end = "", 0
        for match in BRACKET.finditer(part):
            parts = [_resolve(one, ids, shapes, len(passages)) for one in PARTS.split(match[1].strip())]
            if any(one is None for one in parts):
                continue
            plain_text, end = plain_text + part[end : match.start()], match.end()
            cited += [one for one in parts if one is not None and one >= 0]
            dangling += sum(one == DANGLING for one in parts)
        rest = (plain_text + part[end:]).strip()
        if WORD.search(rest):
            found.append(Sentence(rest, tuple(dict.fromkeys(cited)), dangling))
        elif found and (cited or dangling):
            last = found[-1]
            found[-1] = Sentence(last.text, tuple(dict.fromkeys([*last.cited, *cited])), last.dangling + dangling)
    return found


def without_citations(text: str, passages: Sequence[Passage]) -> str:
    """The text with its citations taken out, one sentence a line."""
    return "\n".join(sentence.text for sentence in cited_sentences(text, passages))


DANGLING = -1


def _resolve(part: str, ids: dict[str, int], shapes: set[str], count: int) -> int | None:
    """Index of a passage, `DANGLING`, or None when it is no citation."""
    if part in ids:
        return ids[part]
    if part.isascii() and part.isdecimal():
        return int(part) - 1 if 1 <= int(part) <= count else DANGLING
    return DANGLING if _shape(part) in shapes else None


def _shape(id: str) -> str:
    """An id with each run of digits as one 0; ids without digits have no shape that others could share."""
    return re.sub(r"\d+", "0", id) if any(ch.isdigit() for ch in id) else f"\x00{id}"
