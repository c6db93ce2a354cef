"""Tool schemas that stand in no log: `expectations/tools/<use case>.jsonl`, one tool a line.

A line is {"name", "description", "parameters"} with the JSON schema of the arguments, or the same as OpenAI's API has it,
{"type": "function", "function": {...}}. Proposed cases of the use case get these tools beside those that its logs name; in cases
that people write, tools given by name alone get their schemas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import msgspec
import orjson

from goldworks.errors import PolicyError
from goldworks.golden.case import Case, CaseTool


def read_tools(path: Path | None) -> tuple[CaseTool, ...]:
    """The tools of a file, in its order; none where there is no file. Raises `PolicyError` naming file, line and key."""
    if path is None or not path.is_file():
        return ()
    found: dict[str, CaseTool] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        tool = _read(line, f"{path}:{number}")
        if tool.name in found:
            raise PolicyError(f"{path}:{number}: name: {tool.name!r} stands twice", remedy="keep one of the lines")
        found[tool.name] = tool
    return tuple(found.values())


def with_schemas(tools: Iterable[CaseTool], declared: Iterable[CaseTool]) -> tuple[CaseTool, ...]:
    """`tools` with their declared schema where they have none, and the declared ones beside them; by name."""
    known = {tool.name: tool for tool in declared}
    return tuple(sorted({**known, **{tool.name: _known(tool, known) for tool in tools}}.values(), key=lambda tool: tool.name))


def named_only(case: Case, declared: Iterable[CaseTool]) -> Case:
    """A case with the declared schemas of those of its tools that have none; no other tool is added."""
    known = {tool.name: tool for tool in declared}
    return msgspec.structs.replace(case, tools=tuple(_known(tool, known) for tool in case.tools))


def _known(tool: CaseTool, known: Mapping[str, CaseTool]) -> CaseTool:
    return known.get(tool.name, tool) if tool.parameters is None else tool


def filled(case: Case, declared: Iterable[CaseTool]) -> Case:
    """A case whose tools have their declared schemas; the case itself when nothing is declared."""
    known = tuple(declared)
    return msgspec.structs.replace(case, tools=with_schemas(case.tools, known)) if known else case


def _read(line: bytes, where: str) -> CaseTool:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise PolicyError(f"{where}: not JSON", remedy='one tool a line: {"name": ..., "parameters": {...}}') from None
    if isinstance(data, dict) and data.get("type") == "function":
        data = cast("dict[str, Any]", data).get("function")
    try:
        tool = msgspec.convert(data, CaseTool)
    except msgspec.ValidationError as error:
        raise PolicyError(f"{where}: {error}", remedy="a tool has name, description and parameters") from None
    if not tool.name:
        raise PolicyError(f"{where}: name: empty")
    if tool.parameters is not None and not jsonschema_rs.meta.is_valid(tool.parameters):
        raise PolicyError(f"{where}: parameters: not a JSON Schema")
    return tool
