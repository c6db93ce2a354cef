"""The lake's tables as data: name, grain, columns with a description each, partitioning. One module per schema.

`goldworks.lake` is what reads and writes them; the Dagster asset key, the Delta folder and the dbt source of a table are
all its `key`.
"""

from __future__ import annotations

from goldworks.tables.calibration import CALIBRATION
from goldworks.tables.declare import Column, Table
from goldworks.tables.evals import EVALS
from goldworks.tables.golden import GOLDEN
from goldworks.tables.logs import LOGS
from goldworks.tables.release import RELEASE
from goldworks.tables.review import REVIEW

TABLES: dict[str, Table] = {table.key: table for table in (*LOGS, *GOLDEN, *EVALS, *RELEASE, *REVIEW, *CALIBRATION)}
"""Every table by its key, `schema.table`."""

__all__ = ["TABLES", "Column", "Table"]
