"""Values of earlier days, of which only keyed hashes are left, found again in new texts: windows of words are hashed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from goldworks.redaction.normalise import normalise
from goldworks.redaction.records import Known
from goldworks.redaction.values import WORD, Hasher, squeeze

_LONGEST = 12
_MOST_WINDOWS = 400_000


def recognise(texts: Iterable[str], known: Sequence[Known], hasher: Hasher) -> Iterator[tuple[str, Known, bool]]:
    """(text as it stands, known value, whether it is only a variant of it), each window once."""
    reach: dict[str, int] = {}
    for one in known:
        reach[one.type] = max(reach.get(one.type, 0), min(_LONGEST, max(1, one.variant_words)))
    whole = {one.value_hash: one for one in reversed(known)}
    variant = {digest: one for one in reversed(known) for digest in one.variant_hashes}
    lengths = frozenset(length for one in known for length in one.lengths) if all(one.lengths for one in known) else None
    forms = _windows(texts, max(reach.values(), default=0), lengths)
    for type_ in sorted(reach):
        wanted = [form for form, (_, count) in forms.items() if count <= reach[type_]]
        for form, digest in zip(wanted, hasher.many(type_, wanted), strict=True):
            found = whole.get(digest)
            if found is not None:
                yield forms[form][0], found, False
            elif (found := variant.get(digest)) is not None:
                yield forms[form][0], found, True


def _windows(texts: Iterable[str], longest: int, lengths: frozenset[int] | None) -> dict[str, tuple[str, int]]:
    """Squeezed form -> (first text, number of words) of every window of at most `longest` words, and of one of `lengths`."""
    forms: dict[str, tuple[str, int]] = {}
    most = max(lengths, default=0) if lengths is not None else None
    for text in dict.fromkeys(texts):
        shown = normalise(text).text
        spans = [match.span() for match in WORD.finditer(shown)]
        pieces = [squeeze(shown[start:end]) for start, end in spans]
        for first in range(len(spans)):
            form = ""
            for count in range(1, min(longest, len(spans) - first) + 1):
                last = first + count - 1
                if count > 1 and spans[last][0] - spans[last - 1][1] > 4:
                    break
                form += pieces[last]
                if most is not None and len(form) > most:
                    break
                if len(form) >= 3 and (lengths is None or len(form) in lengths) and form not in forms:
                    if len(forms) >= _MOST_WINDOWS:
                        raise MemoryError("too many windows")  # the caller withholds: fail closed
                    forms[form] = (shown[spans[first][0] : spans[last][1]], count)
    return forms
