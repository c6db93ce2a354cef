with

answers as (

    select * from {{ ref('stg_evals__answers') }}

),

runs as (

    select * from {{ ref('fct_eval_runs') }}

),

final as (

    select
        answers.run_id,
        answers.case_id,
        answers.repeat,
        runs.use_case,
        runs.release,
        runs.version_id,
        answers.status,
        answers.error,
        answers.latency_ms,
        answers.first_token_ms,
        answers.input_tokens,
        answers.output_tokens,
        answers.cost_usd,
        answers.attempts,
        answers.cluster_id,
        answers.conversation_id,
        answers.trace_id
    from answers
    inner join runs on answers.run_id = runs.run_id

)

select * from final
