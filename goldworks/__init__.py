"""Goldworks: what the words mean and how each thing is computed.

Nothing here knows Dagster, dbt, MLflow or Great Expectations; those live in `goldworks.adapters` and are wired in by
`assets.resources` and `pipelines.cli`.
"""

__version__ = "0.1.0"
