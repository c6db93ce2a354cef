with

turns as (

    select * from {{ ref('stg_logs__turns') }}

),

-- the spans of a turn may lie on several lines; what its chat span says comes from the first line that brought one
ordered as (

    select
        *,
        row_number() over (
            partition by conversation_id, trace_id
            order by has_chat desc, arrived_on asc, source asc, line asc
        ) as position
    from turns

),

firsts as (

    select * from ordered
    where position = 1

),

totals as (

    select
        conversation_id,
        trace_id,
        count(*) as log_lines,
        bool_or(has_chat) as has_chat,
        -- a turn lacks its reply when any of its chat spans does, as logs.conversations counts it
        bool_and(reply_id is not null) filter (where has_chat) as has_reply,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        max(latency_ms) filter (where has_chat) as latency_ms,
        sum(input_tokens) as input_tokens,
        sum(output_tokens) as output_tokens,
        sum(cost_usd) as cost_usd,
        min(error_type) as error_type,
        sum(tool_calls) as tool_calls,
        sum(tool_errors) as tool_errors,
        sum(retrieved) as retrieved,
        avg(feedback_score) as feedback_score
    from turns
    group by conversation_id, trace_id

),

final as (

    select
        totals.conversation_id,
        totals.trace_id,
        firsts.service,
        firsts.environment,
        firsts.channel,
        firsts.release,
        firsts.prompt_version,
        firsts.model,
        firsts.provider,
        firsts.retrieval_version,
        firsts.tool_schema_version,
        totals.started_at,
        totals.ended_at,
        totals.has_chat,
        coalesce(totals.has_reply, false) as has_reply,
        totals.has_chat and not coalesce(totals.has_reply, false) as is_missing_reply,
        totals.error_type is not null as is_failed,
        totals.error_type,
        firsts.finish_reason,
        totals.latency_ms,
        cast(totals.input_tokens as bigint) as input_tokens,
        cast(totals.output_tokens as bigint) as output_tokens,
        totals.cost_usd,
        cast(totals.tool_calls as bigint) as tool_calls,
        cast(totals.tool_errors as bigint) as tool_errors,
        cast(totals.retrieved as bigint) as retrieved,
        totals.feedback_score,
        totals.log_lines,
        firsts.arrived_on,
        firsts.source,
        firsts.line
    from totals
    inner join firsts
        on
            totals.conversation_id = firsts.conversation_id
            and totals.trace_id = firsts.trace_id

)

select * from final
