with

source as (

    select * from {{ source('evals', 'runs') }}

),

final as (

    select
        run_id,
        config_digest,
        occasion,
        use_case,
        version_id,
        suite,
        target,
        target_kind,
        release,
        seed,
        repeats,
        cases,
        answers,
        missing,
        status,
        stopped,
        started_at at time zone 'UTC' as started_at,
        ended_at at time zone 'UTC' as ended_at,
        judgments,
        judge_tokens,
        judge_cost_usd,
        mlflow_run_id,
        dagster_run_id
    from source

)

select * from final
