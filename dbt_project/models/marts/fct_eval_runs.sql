with

runs as (

    select * from {{ ref('stg_evals__runs') }}

),

ranked as (

    select * from {{ ref('int_runs__ranked') }}

),

final as (

    select
        runs.run_id,
        runs.config_digest,
        runs.occasion,
        runs.use_case,
        runs.suite,
        runs.target,
        runs.target_kind,
        runs.release,
        runs.version_id,
        runs.status,
        runs.stopped,
        ranked.is_newest,
        ranked.base_run_id,
        runs.cases,
        runs.repeats,
        runs.answers,
        runs.missing,
        runs.seed,
        runs.started_at,
        runs.ended_at,
        date_diff('millisecond', runs.started_at, runs.ended_at) / 1000 as duration_s,
        runs.judgments,
        runs.judge_tokens,
        runs.judge_cost_usd,
        runs.mlflow_run_id,
        runs.dagster_run_id
    from runs
    inner join ranked on runs.run_id = ranked.run_id

)

select * from final
