"""The techniques, one a file. A new one: its file here with a subclass of `Technique`; it is found without a list."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from goldworks.evaluation.attacks.technique import Technique


def _found() -> dict[str, Technique]:
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    classes = [
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Technique) and kind.__module__ == module.__name__ and not inspect.isabstract(kind)
    ]
    return {kind.name: kind() for kind in sorted(classes, key=lambda kind: kind.name)}


TECHNIQUES: dict[str, Technique] = _found()
"""Every technique by its name."""
