with

source as (

    select * from {{ source('logs', 'turns') }}

),

final as (

    select
        trace_id,
        source,
        line,
        conversation_id,
        cast(arrived_on as date) as arrived_on,
        has_chat,
        service,
        environment,
        release,
        prompt_version,
        model,
        provider,
        retrieval_version,
        tool_schema_version,
        user_hash,
        channel,
        started_at at time zone 'UTC' as started_at,
        ended_at at time zone 'UTC' as ended_at,
        latency_ms,
        input_tokens,
        output_tokens,
        cost_usd,
        finish_reason,
        error_type,
        tool_calls,
        tool_errors,
        retrieved,
        reply_id,
        feedback_score
    from source

)

select * from final
