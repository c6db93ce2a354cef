"""The graph: one module per stage. An asset reads, makes one call into `goldworks`, and says what came of it.

Modules that decorate functions for Dagster, here and in `pipelines`, do not postpone their annotations
(`from __future__ import annotations`): Dagster reads them as they stand when it decorates.
"""
