"""What a package offers by lying in it: a class that one of its modules defines and names is found without a list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from typing import ClassVar, Protocol, TypeVar


class Named(Protocol):
    """What others call by a name."""

    name: ClassVar[str]


Kind = TypeVar("Kind", bound=Named)


def classes_in(package: str, path: Iterable[str], base: type[Kind]) -> dict[str, type[Kind]]:
    """By name, every subclass of `base` that a module of the package, whose folders are `path`, defines and names.

    Raises `ValueError` for a name that is given twice.
    """
    found: dict[str, type[Kind]] = {}
    for module in pkgutil.iter_modules(path, f"{package}."):
        for member in vars(importlib.import_module(module.name)).values():
            # by its bases: asking an abstract class itself would look at all its subclasses each time
            if not (isinstance(member, type) and base in member.__mro__ and "name" in vars(member)):
                continue
            if member.__module__ == module.name and found.setdefault(member.name, member) is not member:
                raise ValueError(f"{found[member.name].__module__} and {module.name} both name {member.name}")
    return dict(sorted(found.items()))
