"""How much may be withheld. A field that fails is withheld; when many fail the redactor is broken, and that stops the line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from goldworks.errors import GoldworksError
from goldworks.redaction.policy import Limits
from goldworks.redaction.records import RedactedDocument

_FEW = 20
"""So many may be withheld whatever their share, so that one odd message in a small log stops nothing."""


def is_too_much(withheld: int, of: int, limits: Limits) -> bool:
    """Whether so many of so many say that the redactor is at fault, and not the texts."""
    return withheld > _FEW and withheld > limits.withheld_rate * of


def refuse_failures(documents: Iterable[RedactedDocument], limits: Limits) -> None:
    """Raise `GoldworksError` when too many of the fields failed: what would be stored is a log that says `<WITHHELD:error>`."""
    of = 0
    places: Counter[str] = Counter()
    for document in documents:
        of += len(document.fields)
        places.update(document.failures)
    failed = places.total()
    if is_too_much(failed, of, limits):
        place, times = places.most_common(1)[0]
        raise GoldworksError(
            f"redaction failed on {failed} of {of} fields, {times} times with {place}; nothing of this batch is stored",
            remedy="report this line: it is a fault of Goldworks. Then take the files again. The share of fields that may fail "
            "is `limits.withheld_rate` of policies/redaction.yml",
        )
