"""Code of the user's own, named in YAML: `package.module:name`, or the name of an entry point that a package installs."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from goldworks.errors import InputError


def is_reference(name: str) -> bool:
    """Whether it is of the form `package.module:name`."""
    module, colon, attribute = name.partition(":")
    return bool(colon) and attribute.isidentifier() and all(part.isidentifier() for part in module.split("."))


def load(reference: str) -> Any:
    """What `package.module:name` names. Raises `InputError` when it cannot be imported, naming what is absent."""
    if not is_reference(reference):
        raise InputError(f"{reference!r} does not name code", remedy="write package.module:name")
    module, _, name = reference.partition(":")
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        remedy = f"install {error.name}, or put it where Python looks (PYTHONPATH, the checkout)" if error.name else None
        raise InputError(f"cannot import {module}: {error.msg}", remedy=remedy) from error
    except Exception as error:  # anybody's code
        raise InputError(f"{module} fails when it is imported: {type(error).__name__}: {error}") from error
    if not hasattr(found, name):
        near = ", ".join(sorted(n for n in vars(found) if not n.startswith("_"))[:20])
        raise InputError(f"module {module} has no {name}", remedy=f"it has: {near}")
    return getattr(found, name)


def installed(group: str) -> Mapping[str, str]:
    """Entry points of a group that installed packages declare: name -> `package.module:name`."""
    return {point.name: point.value for point in metadata.entry_points(group=group)}


def reference_of(name: str, group: str, known: Mapping[str, Any], what: str) -> str:
    """The reference that `name` means, being one itself or an entry point. Raises `InputError` listing what there is."""
    if is_reference(name):
        return name
    points = installed(group)
    if name in points:
        return points[name]
    raise InputError(
        f"no {what} {name!r}", remedy=f"one of {', '.join(sorted({*known, *points}))}, or package.module:name of your own"
    )
