"""What an order removes, in the words that people read: the same on the screen, before and after, in certificates and in JSON."""

from __future__ import annotations

from collections.abc import Mapping

from goldworks.orders import Counts, Order

Removed = dict[str, Counts]
"""Counts by place and kind, both in words."""

PLACES = {
    "logs": "logs",
    "golden": "golden sets",
    "evaluations": "evaluations",
    "leak audits": "leak audits",
    "reviews": "reviews",
    "vault": "vault",
    "mlflow": "MLflow",
    "dagster": "Dagster",
    "caches": "caches",
    "marts": "marts",
}
KINDS = {
    "entities": "redacted values",
    "hashes_cut": "fingerprints cut",
    "rewritten": "texts rewritten",
    "versions": "versions replaced",
    "candidates": "proposed cases",
    "journalled": "answers in journals",
    "cached": "answers in the cache",
    "items": "judgments",
    "tasks": "items to review",
    "refusals": "labels refused before",
    "runs": "runs shown anew",
    "previews": "previews blanked",
    "files": "files deleted",
    "tables_built": "tables built anew",
}
"""Counts whose names say it already are left as they are."""


def in_words(done: Mapping[str, Counts]) -> Removed:
    """What was found, without what was not."""
    found = {
        PLACES.get(place, place): {KINDS.get(name, name): number for name, number in counts.items() if number}
        for place, counts in sorted(done.items(), key=lambda pair: _rank(pair[0]))
    }
    return {place: counts for place, counts in found.items() if counts}


def nothing_in(done: Mapping[str, Counts]) -> list[str]:
    """Places that were asked and held nothing."""
    empty = (place for place, counts in done.items() if counts and not any(counts.values()))
    return [PLACES.get(place, place) for place in sorted(empty, key=_rank)]


def outcome(order: Order, *, is_done: bool) -> str:
    """One or two sentences: what became of the subject of a located order, or what would."""
    scope = order.scope
    if order.kind != "value":
        number = len(scope.conversations)
        whole = f"{number:,} conversation{'' if number == 1 else 's'}{' of the user' if order.kind == 'user' else ''}"
        were = ("was" if number == 1 else "were") if is_done else "would be"
        return f"{whole} {were} erased, with everything made of {'it' if number == 1 else 'them'}."
    if scope.values:
        number, token = len(scope.values), scope.kept_out[0].token if scope.kept_out else "a token"
        stood, was = ("stood", "was") if is_done else ("stands", "would be")
        return (
            f"The value {stood} in texts of {number:,} conversation{'' if number == 1 else 's'}, and {was} replaced by {token}."
        )
    if scope.cut:
        if is_done:
            return (
                "The value stood in no text: it had been redacted wherever it came in. "
                "The fingerprints that led from there to it were cut."
            )
        return "The value stands in no text: it was redacted wherever it came in. The fingerprints that lead to it would be cut."
    if is_done:
        return "The value was found nowhere. Should it come in, it will be redacted."
    return "The value is found nowhere. Erasing it would keep it from coming in."


def _rank(place: str) -> tuple[int, str]:
    return (list(PLACES).index(place) if place in PLACES else len(PLACES), place)
