-- One row per conversation, from the columns of logs.turns and logs.messages that merge.py names (Arrow tables).
with chats as (
    select
        *,
        row_number() over (
            partition by conversation_id order by started_at nulls last, arrived_on, source, line
        ) as position,
        row_number() over (
            partition by conversation_id order by started_at desc nulls last, arrived_on desc, source desc, line desc
        ) as position_from_end
    from turns
    where has_chat
),

firsts as (
    select * from chats where position = 1
),

lasts as (
    select
        conversation_id,
        case
            when error_type is not null then 'error'
            when reply_id is null then 'no_reply'
            else 'answered'
        end as outcome
    from chats
    where position_from_end = 1
),

by_turn as (
    select
        conversation_id,
        min(service) as any_service,
        count(distinct trace_id) as turns,
        count(distinct release) > 1 as is_mixed_release,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        count(distinct trace_id) filter (where has_chat and reply_id is null) as missing_replies,
        avg(feedback_score) as feedback_score,
        min(arrived_on) as first_arrived_on,
        max(arrived_on) as last_arrived_on
    from turns
    group by conversation_id
),

by_message as (
    select
        conversation_id,
        count(*) filter (where role <> 'retrieval') as messages,
        count(*) filter (where role = 'user') as user_messages,
        count(*) filter (where role = 'retrieval') as retrievals,
        count(*) filter (where is_withheld) as withheld,
        sum(entities) as entities,
        count(*) filter (where role = 'tool') as tool_calls,
        coalesce(list_sort(list_distinct(list(tool_name) filter (where tool_name is not null))), []) as tools
    from messages
    group by conversation_id
)

select
    by_turn.conversation_id,
    coalesce(firsts.service, by_turn.any_service, 'unknown') as service,
    firsts.environment,
    firsts.release,
    firsts.prompt_version,
    firsts.model,
    firsts.retrieval_version,
    firsts.tool_schema_version,
    by_turn.is_mixed_release,
    firsts.user_hash,
    firsts.channel,
    coalesce(strftime(firsts.started_at at time zone 'UTC', '%Y-%m-%d'), by_turn.first_arrived_on) as occurred_on,
    firsts.started_at,
    by_turn.ended_at,
    by_turn.turns,
    coalesce(by_message.messages, 0) as messages,
    coalesce(by_message.user_messages, 0) as user_messages,
    coalesce(by_message.tools, []) as tools,
    coalesce(by_message.tool_calls, 0) as tool_calls,
    coalesce(by_message.retrievals, 0) as retrievals,
    by_turn.missing_replies,
    lasts.outcome,
    by_turn.feedback_score,
    cast(coalesce(by_message.entities, 0) as bigint) as entities,
    coalesce(by_message.withheld, 0) as withheld,
    by_turn.first_arrived_on,
    by_turn.last_arrived_on
from by_turn
left join firsts using (conversation_id)
left join lasts using (conversation_id)
left join by_message using (conversation_id)
order by by_turn.conversation_id
