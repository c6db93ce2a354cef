"""Loading YAML policies into frozen models. A broken file is refused with file, line, key and what is allowed."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from goldworks.errors import PolicyError


class Policy(BaseModel):
    """Base of every policy: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


P = TypeVar("P", bound=Policy)


def load_policy(path: Path, model: type[P]) -> P:
    """Read `path` as `model`.

    Raises `PolicyError` naming file, line, key and what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PolicyError(f"{path}: no such file", remedy="restore it from the repository, or name another") from None
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path}: not UTF-8 at byte {error.start}") from None
    try:
        root, data = _load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError(f"{path}:{line}: not YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:  # a control character
        line = text.count("\n", 0, error.position) + 1
        raise PolicyError(f"{path}:{line}: not YAML: {error.reason}") from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise PolicyError("\n".join(_explain(path, root, model, problem) for problem in error.errors())) from None


class Place:
    """A key of a policy file, as errors name it: `file:line: key`. The file is read for the line when it is shown, not before."""

    def __init__(self, path: Path, *keys: str | int, name: str = "") -> None:
        self._path, self._keys, self._name = path, keys, name

    def __str__(self) -> str:
        root, _ = _load(self._path.read_text(encoding="utf-8"))
        key = ".".join(part for part in self._keys if isinstance(part, str))
        return f"{self._path}:{_line(root, self._keys)}: {key}{': ' if self._name else ''}{self._name}"


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(problem="a key must be plain text", problem_mark=key_node.start_mark)
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"key {key!r} stands twice", problem_mark=key_node.start_mark)
        try:
            seen[key] = loader.construct_object(value_node, deep=True)
        except ValueError as error:  # a date such as 2026-02-30
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=value_node.start_mark) from None
    return seen


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _load(text: str) -> tuple[yaml.Node | None, Any]:
    """The node, which knows the lines, and what it says; both None for an empty file."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        return root, None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def _explain(path: Path, root: yaml.Node | None, model: type[BaseModel], problem: Any) -> str:
    where = tuple(problem["loc"])
    key = ".".join(str(part) for part in where) or "(whole file)"
    line = _line(root, where)
    message = problem["msg"]
    if problem["type"] == "extra_forbidden":
        allowed = sorted(_fields(model, where[:-1]))
        near = difflib.get_close_matches(str(where[-1]), allowed, n=1)
        message = "unknown key" + (f"; did you mean {near[0]!r}?" if near else "") + f" Allowed: {', '.join(allowed)}"
    elif problem["type"] == "missing":
        message = "required key is absent"
    return f"{path}:{line}: {key}: {message}"


def _line(node: yaml.Node | None, where: tuple[Any, ...]) -> int:
    line = node.start_mark.line + 1 if node else 1
    for part in where:
        child = None
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                if key_node.value == str(part):
                    line, child = key_node.start_mark.line + 1, value_node
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line + 1
        if child is None:
            break
        node = child
    return line


def _fields(model: Any, where: tuple[Any, ...]) -> set[str]:
    """Keys that the model at `where` allows, as far as the types tell."""
    for part in where:
        if isinstance(part, int):
            continue
        field = getattr(model, "model_fields", {}).get(part)
        model = _inner(field.annotation) if field else None
        if model is None:
            return set()
    return set(getattr(model, "model_fields", {}))


def _inner(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner(argument)
        if found is not None:
            return found
    return None
