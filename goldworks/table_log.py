"""The log of a Delta table, in which the least and greatest ids of files stand, also of files that are gone."""

from __future__ import annotations

import re
from pathlib import Path

from deltalake import DeltaTable

LOG_KEPT, AT_ONCE = "delta.logRetentionDuration", "interval 0 seconds"
"""Property of a table whose log was begun anew once: it is shortened with every checkpoint."""

LOG_FILE = re.compile(r"(\d{20})\.")
"""Name of a commit or a checkpoint, with its version."""


def begin_anew(folder: Path) -> None:
    """Begin the log of the table in `folder` anew: a checkpoint of what stands, and nothing of before.

    What is older is deleted by its version. `cleanup_metadata` goes by the clock, and where that stepped back, or two files have
    the same moment, it leaves an old checkpoint, with the ids that are to be gone.
    """
    table = DeltaTable(str(folder))
    if table.metadata().configuration.get(LOG_KEPT) != AT_ONCE:
        table.alter.set_table_properties({LOG_KEPT: AT_ONCE})
        table = DeltaTable(str(folder))
    table.create_checkpoint()
    version = table.version()
    for path in (folder / "_delta_log").iterdir():
        found = LOG_FILE.match(path.name)
        if found and int(found[1]) < version:
            path.unlink(missing_ok=True)
