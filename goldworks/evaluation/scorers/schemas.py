"""JSON Schema (Draft 2020-12) for scorers: made ready once, never fetching what a schema refers to."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NoReturn

import jsonschema_rs
import orjson

from goldworks.digests import canonical

REQUIRED = frozenset(["required", "dependentRequired"])
UNDECLARED = frozenset(["additionalProperties", "unevaluatedProperties"])


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """The validator of a schema. Raises `ValueError` for what is no schema, and for a reference out of it."""
    return _validator(canonical(schema))


@lru_cache(maxsize=1024)
def _validator(schema: bytes) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(orjson.loads(schema), retriever=_refuse)
    except jsonschema_rs.ValidationError as error:
        raise ValueError(f"not a JSON Schema: {error.message}") from None


def _refuse(uri: str) -> NoReturn:
    raise ValueError("a schema must not refer to another document")


def kinds_of_errors(schema: dict[str, Any], value: Any) -> list[tuple[str, str | None]]:
    """What is wrong with `value`: (`required`, `undeclared`, `types` or `values`, the top-level property or None).

    An absent or undeclared property is named by no path, so its place is None.
    """
    found: list[tuple[str, str | None]] = []
    for error in validator(schema).iter_errors(value):
        keyword = error.kind.name
        kind = (
            "required"
            if keyword in REQUIRED
            else "undeclared"
            if keyword in UNDECLARED
            else "types"
            if keyword == "type"
            else "values"
        )
        found.append((kind, str(error.instance_path[0]) if error.instance_path else None))
    return found
