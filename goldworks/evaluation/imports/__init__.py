"""Results of other evaluation tools as runs: one module reads one tool's file, and the rest does not know which tool it was.

`came` says what a reader hands on, `matching` finds the cases, `writing` redacts and makes the run. Nothing is written of a file
that cannot be read to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from goldworks.evaluation.imports.came import Log
from goldworks.evaluation.imports.inspect_log import read_inspect
from goldworks.evaluation.imports.promptfoo_output import read_promptfoo
from goldworks.evaluation.imports.writing import Imported, import_log

FORMATS: dict[str, Callable[[Path], list[Log]]] = {"promptfoo": read_promptfoo, "inspect": read_inspect}
"""Name of a format -> what reads its file: a log for each assistant that was asked, with each of its prompts."""

__all__ = ["FORMATS", "Imported", "Log", "import_log"]
