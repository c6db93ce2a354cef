with

source as (

    select * from {{ source('evals', 'answers') }}

),

final as (

    select
        run_id,
        case_id,
        repeat,
        status,
        error,
        latency_ms,
        first_token_ms,
        input_tokens,
        output_tokens,
        cost_usd,
        attempts,
        coalesce(cluster_id, case_id) as cluster_id,
        conversation_id,
        trace_id
    from source

)

select * from final
