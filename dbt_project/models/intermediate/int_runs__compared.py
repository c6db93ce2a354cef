"""One row per run that has a run of the release before it, and metric, compared as `goldworks eval compare` does."""


def model(dbt, session):
    """Called by dbt with its context and the session of the build."""
    dbt.config(materialized="table")
    from goldworks.adapters.warehouse_estimates import comparisons

    return comparisons(
        dbt.ref("int_runs__ranked"),
        dbt.ref("stg_evals__runs"),
        dbt.ref("int_scores__averaged"),
        dbt.ref("stg_golden__cases"),
        session.sql("from evals.run_aggregates"),
    )
