"""The warehouse and the marts forget: they are built anew from the tables, and what builds left behind is removed."""

from __future__ import annotations

import shutil

from goldworks.adapters.published import FILE
from goldworks.adapters.published_text import FILE as REVIEW
from goldworks.adapters.warehouse import Warehouse
from goldworks.faults import fault_point
from goldworks.forgetting.holders import Forgotten
from goldworks.orders import Order


class Marts:
    """`warehouse.duckdb`, `marts.duckdb`, `review.duckdb`, and what dbt leaves behind."""

    place = "marts"

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def forget(self, order: Order) -> Forgotten:
        """Build and publish; a home without marts gets none."""
        fault_point("forgetting.before_marts")
        house = self._warehouse
        built = 0
        if house.file.exists() or (house.root / FILE).exists():
            built = sum(not one.is_test for one in house.build())
            house.publish()
        for left in (house.root / f"{file}.new{end}" for file in (FILE, REVIEW) for end in ("", ".wal")):
            left.unlink(missing_ok=True)
        shutil.rmtree(house.folder / "build", ignore_errors=True)
        return Forgotten({"tables_built": built})
