"""Cases as YAML: one list, a case an item.

Read by the rules of YAML 1.2: `yes`, `12:30` and `2026-11-02` are texts, only true, false, null and numbers are not. Keys are
texts and stand once; anchors and tags are refused, for the file is data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import yaml

from goldworks.errors import InputError

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
PLAIN_TAGS = {
    "tag:yaml.org,2002:bool": r"true|false",
    "tag:yaml.org,2002:null": r"null|~|",
    "tag:yaml.org,2002:int": r"[-+]?[0-9]+",
    "tag:yaml.org,2002:float": r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
}
LARGEST_INTEGER = 2**63 - 1
STR, SEQ, MAP = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


class _Loader(LOADER):
    """Composes nodes only; what is no text is decided by `PLAIN_TAGS`."""

    yaml_implicit_resolvers: ClassVar[Any] = {}


class _Dumper(DUMPER):
    """Writes texts of several lines as blocks, and quotes whatever YAML 1.1 or 1.2 would not read as a text."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never write an anchor: the loader refuses them."""
        return True


def _text(dumper: Any, text: str) -> Any:
    lines = text.split("\n")
    is_block = len(lines) > 1 and bool(lines[0] and lines[-1]) and all(map(_is_plain, lines))
    return dumper.represent_scalar(STR, text, style="|" if is_block else None)


def _is_plain(line: str) -> bool:
    return line.isprintable() and line == line.strip()


_Dumper.add_representer(str, _text)
for _tag, _pattern in PLAIN_TAGS.items():
    _regex = re.compile(rf"(?:{_pattern})\Z")
    _Loader.add_implicit_resolver(_tag, _regex, None)
    _Dumper.add_implicit_resolver(_tag, _regex, None)


class BadItem(Exception):
    """An item that is not plain data."""


def read_yaml(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(line, data) of each case in `text`; instead of the data the reason, when it is not plain data.

    Raises `InputError` with the line when the text is no YAML, or no list.
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(
            f"line {line}: not YAML: {error.problem}", remedy="mend it and import again; nothing was imported"
        ) from None
    except yaml.YAMLError:
        raise InputError(
            "not YAML: it holds characters that YAML does not allow", remedy='write them as escapes: "\\x07"'
        ) from None
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode | yaml.MappingNode):
        raise InputError("not a list of cases", remedy="begin each case with `- use_case: ...`")
    seen: set[int] = set()
    for item in root.value if isinstance(root, yaml.SequenceNode) else (root,):
        line = item.start_mark.line + 1
        try:
            value = _value(item, seen)
        except BadItem as error:
            yield line, str(error)
            continue
        yield line, value if isinstance(value, dict) else "not a case: it has no keys"


def _value(node: yaml.Node, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise BadItem(f"an anchor or alias near line {line}; write the value out")
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, line)
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode) and node.tag == SEQ:
        return [_value(item, seen) for item in node.value]
    if isinstance(node, yaml.MappingNode) and node.tag == MAP:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _value(key_node, seen)
            if not isinstance(key, str):
                raise BadItem(f"line {key_node.start_mark.line + 1}: a key that is no text; quote it")
            if key in found:
                raise BadItem(f"line {key_node.start_mark.line + 1}: a key stands twice")
            found[key] = _value(value_node, seen)
        return found
    raise BadItem(f"line {line}: a tag; only plain data is read")


def _scalar(node: yaml.ScalarNode, line: int) -> Any:
    kind = node.tag.rpartition(":")[2]
    if node.tag == STR:
        return node.value
    if node.tag not in PLAIN_TAGS or not re.fullmatch(PLAIN_TAGS[node.tag], node.value):
        raise BadItem(f"line {line}: a tag; only plain data is read")
    if kind == "null":
        return None
    if kind == "bool":
        return node.value == "true"
    number = int(node.value) if kind == "int" else float(node.value)
    if not math.isfinite(number) or (kind == "int" and abs(number) > LARGEST_INTEGER):
        raise BadItem(f"line {line}: a number too large for JSON; quote it")
    return number


def write_yaml(cases: Sequence[dict[str, Any]]) -> str:
    """The cases as one YAML list."""
    return "\n".join(
        yaml.dump([case], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False)
        for case in cases
    )
