with

turns as (

    select * from {{ ref('int_turns__merged') }}

),

conversations as (

    select * from {{ ref('stg_logs__conversations') }}

),

final as (

    select
        turns.trace_id,
        turns.conversation_id,
        turns.service,
        conversations.use_case,
        turns.environment,
        turns.channel,
        turns.release,
        turns.prompt_version,
        turns.model,
        turns.provider,
        turns.retrieval_version,
        turns.tool_schema_version,
        conversations.occurred_on,
        turns.started_at,
        turns.ended_at,
        turns.has_chat,
        turns.has_reply,
        turns.is_missing_reply,
        turns.is_failed,
        turns.error_type,
        turns.finish_reason,
        turns.latency_ms,
        turns.input_tokens,
        turns.output_tokens,
        turns.cost_usd,
        turns.tool_calls,
        turns.tool_errors,
        turns.retrieved,
        turns.feedback_score,
        turns.log_lines,
        turns.arrived_on,
        turns.source,
        turns.line
    from turns
    -- conversations are merged after turns were taken: a turn without its conversation comes with the next build
    inner join conversations on turns.conversation_id = conversations.conversation_id

)

select * from final
