with

turns as (

    select * from {{ ref('int_turns__merged') }}

),

final as (

    select
        conversation_id,
        count(*) filter (where is_failed) as failed_turns,
        cast(sum(tool_calls) as bigint) as tool_calls,
        cast(sum(tool_errors) as bigint) as tool_errors,
        count(latency_ms) as timed_turns,
        coalesce(sum(latency_ms), 0) as latency_ms_total,
        max(latency_ms) as latency_ms_max,
        cast(sum(input_tokens) as bigint) as input_tokens,
        cast(sum(output_tokens) as bigint) as output_tokens,
        sum(cost_usd) as cost_usd,
        -- the log line of the first turn, by which the conversation is found again
        arg_min(source, (has_chat = false, started_at is null, started_at, arrived_on, source, line)) as source,
        arg_min(line, (has_chat = false, started_at is null, started_at, arrived_on, source, line)) as line
    from turns
    group by conversation_id

)

select * from final
