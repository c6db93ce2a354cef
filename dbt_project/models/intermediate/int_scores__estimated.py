"""One row per run and metric or aggregate, estimated by goldworks.statistics: the numbers of the run's report and of MLflow."""


def model(dbt, session):
    """Called by dbt with its context and the session of the build."""
    dbt.config(materialized="table")
    from goldworks.adapters.warehouse_estimates import estimates

    return estimates(dbt.ref("int_scores__averaged"), session.sql("from evals.run_aggregates"))
