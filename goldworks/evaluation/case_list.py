"""The cases of a version, decoded when they are needed and not kept: a run over many costs the memory of a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import pyarrow as pa

from goldworks.golden.case import case_of
from goldworks.golden.read import Case, require_version
from goldworks.lake import Lake

BLOCK = 512
COLUMNS = [*Case.__struct_fields__]


class CaseList(Sequence[Case]):
    """Cases in the order of their ids. Going through them in order decodes each block once."""

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows
        self._block: tuple[int, list[Case]] = (-1, [])

    @staticmethod
    def read(lake: Lake, version_id: str) -> CaseList:
        """The cases of a version. Raises `InputError` when there is none, or when it was erased."""
        require_version(lake, version_id)
        rows = lake.read("golden.cases", COLUMNS, [("version_id", "=", version_id)])
        ids = rows.column("case_id").to_pylist()
        return CaseList(rows.take(pa.array(sorted(range(len(ids)), key=ids.__getitem__), pa.int64())))

    def of(self, indices: Sequence[int]) -> CaseList:
        """Some of them."""
        return CaseList(self._rows.take(pa.array(indices, pa.int64())))

    @property
    def ids(self) -> list[str]:
        """Ids of the cases, in order."""
        return self._rows.column("case_id").to_pylist()

    def blocks(self) -> Iterator[list[Case]]:
        """All cases, some at a time."""
        for first in range(0, len(self), BLOCK):
            yield [case_of(row) for row in self._rows.slice(first, BLOCK).to_pylist()]

    def __len__(self) -> int:
        return self._rows.num_rows

    def __iter__(self) -> Iterator[Case]:
        return (case for block in self.blocks() for case in block)

    @overload
    def __getitem__(self, index: int) -> Case: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Case]: ...
    def __getitem__(self, index: int | slice) -> Case | Sequence[Case]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        number = at // BLOCK
        if self._block[0] != number:
            rows = self._rows.slice(number * BLOCK, BLOCK).to_pylist()
            self._block = number, [case_of(row) for row in rows]
        return self._block[1][at % BLOCK]
