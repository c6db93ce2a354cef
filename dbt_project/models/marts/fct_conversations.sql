with

conversations as (

    select * from {{ ref('stg_logs__conversations') }}

),

measured as (

    select * from {{ ref('int_conversations__measured') }}

),

final as (

    select
        conversations.conversation_id,
        conversations.service,
        conversations.use_case,
        conversations.environment,
        conversations.channel,
        conversations.release,
        conversations.prompt_version,
        conversations.model,
        conversations.retrieval_version,
        conversations.tool_schema_version,
        conversations.is_mixed_release,
        conversations.user_hash,
        conversations.occurred_on,
        conversations.started_at,
        conversations.ended_at,
        conversations.outcome,
        conversations.feedback_score,
        conversations.turns,
        conversations.messages,
        conversations.user_messages,
        conversations.missing_replies,
        coalesce(measured.failed_turns, 0) as failed_turns,
        conversations.tools,
        coalesce(measured.tool_calls, 0) as tool_calls,
        coalesce(measured.tool_errors, 0) as tool_errors,
        conversations.retrievals,
        coalesce(measured.timed_turns, 0) as timed_turns,
        coalesce(measured.latency_ms_total, 0) as latency_ms_total,
        measured.latency_ms_max,
        measured.input_tokens,
        measured.output_tokens,
        measured.cost_usd,
        conversations.entities,
        conversations.withheld,
        conversations.first_arrived_on,
        conversations.last_arrived_on,
        measured.source,
        measured.line
    from conversations
    left join measured on conversations.conversation_id = measured.conversation_id

)

select * from final
