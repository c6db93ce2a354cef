"""How this process uses Arrow: what it loads beside it, and where its memory comes from. Tables and paths are `lake`'s."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


def use_little_memory() -> None:
    """For a process that makes no data frames: Arrow does without pandas, which it would load at its first array (half a
    second, 57 MB), and gives memory back that it does not use any more. What asks for a data frame later still gets one.
    """
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())
    if "pandas" in sys.modules:
        return
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        pa.array([0])  # here pyarrow looks for pandas, once
    finally:
        sys.meta_path.remove(absent)


class _Absent(MetaPathFinder):
    """Says that pandas is not installed."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Never a place; refuses pandas."""
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)
        return None
