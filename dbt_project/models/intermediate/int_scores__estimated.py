"""One row per run and metric, estimated by goldworks.statistics: the same numbers as in the run's report and in MLflow."""


def model(dbt, session):
    """Called by dbt with its context and the session of the build."""
    dbt.config(materialized="table")
    from goldworks.adapters.warehouse_estimates import estimates

    return estimates(dbt.ref("int_scores__averaged"))
