"""The source text that decides what a scorer says, for its digest: a module and those it imports, as far as they are told.

Imports are read from the text, not from what is loaded: constants and imports inside functions count too.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import metadata
from pathlib import Path

FOLLOWED = ("goldworks.evaluation.scorers.", "goldworks.evaluation.aggregates.", "goldworks.evaluation.attacks.")
"""Packages whose modules decide scores. What else a scorer imports (the types of cases, say) decides none."""


def sources_of(module: str, is_inside: Callable[[str], bool] | None = None) -> dict[str, str]:
    """Module -> source of `module` and of every module it imports, directly or not, for which `is_inside` (`FOLLOWED`)."""
    inside = is_inside or (lambda name: name.startswith(FOLLOWED))
    found: dict[str, str] = {}
    left = [module]
    while left:
        name = left.pop()
        path = path_of(name)
        if name in found or path is None:
            continue
        found[name] = path.read_text(encoding="utf-8")
        left += [other for other in imports(name, path, path.stat().st_mtime_ns) if inside(other)]
    return found


def plugin_sources(module: str) -> dict[str, str]:
    """The same of a module from elsewhere: it and what it imports of its own package, and the versions of what it installs.

    Of Goldworks itself only modules that decide scores, and the module's neighbours, are its own.
    """
    top = module.partition(".")[0]
    near = module.rpartition(".")[0] if top == "goldworks" else top
    own = (*FOLLOWED, f"{near}.")
    found = sources_of(module, lambda name: name == top != "goldworks" or name.startswith(own))
    others = {name.partition(".")[0] for text in found.values() for name in _imported(text, module, is_package=False)}
    versions = {name: version for name in sorted(others - {top, "goldworks"}) if (version := _version(name)) is not None}
    if (version := _version(top)) is not None and top != "goldworks":
        versions[top] = version
    return {**found, **{f"version of {name}": version for name, version in versions.items()}}


def path_of(module: str) -> Path | None:
    """The file with a module's source, None when there is no such module or it has none. Imports its parents."""
    if module == "__main__":
        return None
    loaded = sys.modules.get(module)
    try:
        spec = getattr(loaded, "__spec__", None) or importlib.util.find_spec(module)
    except (ImportError, AttributeError, ValueError):  # the parent is a module, not a package, or none at all
        return None
    origin = spec.origin if spec is not None else None
    return Path(origin) if origin is not None and origin.endswith(".py") and Path(origin).is_file() else None


@lru_cache(maxsize=1024)
def imports(module: str, path: Path, changed_ns: int) -> tuple[str, ...]:
    """Full names that the source imports: modules, and what is taken from them, which may be modules too."""
    text = path.read_text(encoding="utf-8")
    return tuple(sorted(set(_imported(text, module, is_package=path.name == "__init__.py"))))


def _imported(text: str, module: str, *, is_package: bool) -> Iterator[str]:
    package = module if is_package else module.rpartition(".")[0]
    for node in _run_nodes(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                base = ".".join([*parents[: len(parents) - node.level + 1], *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _run_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those below `if TYPE_CHECKING`, which never runs and so decides no score."""
    left = [tree]
    while left:
        node = left.pop()
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            left += node.orelse
        else:
            left += ast.iter_child_nodes(node)


@lru_cache(maxsize=1)
def _distributions() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())


def _version(top: str) -> str | None:
    """Versions of what installs the package `top`, None for the standard library and what was never installed."""
    if top in sys.stdlib_module_names:
        return None
    try:
        return metadata.version(top)
    except metadata.PackageNotFoundError:
        names = sorted(set(_distributions().get(top, ())))
        return " ".join(f"{name} {metadata.version(name)}" for name in names) or None
