-- One row per turn that may become a case: of a complete conversation, with a reply, and a user's message it answers.
-- Tables (arrow): turns, conversations, messages (without their texts, except the JSON of tool calls).
with recursive chats as (
    select
        conversations.use_case,
        turns.*,
        row_number() over (
            partition by turns.conversation_id, turns.trace_id
            order by reply.message_index desc, turns.arrived_on, turns.source, turns.line
        ) as position,
        reply.tool_calls as reply_calls
    from turns
    inner join conversations on turns.conversation_id = conversations.conversation_id
    inner join messages as reply on turns.reply_id = reply.message_id
    where turns.has_chat and turns.error_type is null and turns.request_id is not null
),

-- a trace may hold several chat spans: the one that goes furthest tells the whole turn
lasts as (
    select * from chats where position = 1
),

by_trace as (
    select
        conversation_id,
        trace_id,
        avg(feedback_score) as feedback_score,
        cast(sum(tool_errors) as bigint) as tool_errors
    from turns
    group by conversation_id, trace_id
),

-- from the last message the model was given back to the user's message
walk as (
    select
        lasts.conversation_id,
        lasts.trace_id,
        messages.message_id,
        messages.parent_id,
        messages.role,
        messages.message_index,
        messages.tool_calls,
        0 as step
    from lasts
    inner join messages on lasts.request_id = messages.message_id
    union all
    select
        walk.conversation_id,
        walk.trace_id,
        messages.message_id,
        messages.parent_id,
        messages.role,
        messages.message_index,
        messages.tool_calls,
        walk.step + 1
    from walk
    inner join messages on walk.parent_id = messages.message_id
    where walk.role <> 'user'
),

questions as (
    select conversation_id, trace_id, message_id, parent_id, message_index from walk where role = 'user'
),

calls as (
    select
        conversation_id,
        trace_id,
        flatten(list(json_extract_string(tool_calls, '$[*].name') order by step desc)) as names
    from walk
    where role = 'assistant' and tool_calls is not null
    group by conversation_id, trace_id
)

select
    lasts.use_case,
    lasts.conversation_id,
    lasts.trace_id,
    lasts.release,
    lasts.source,
    lasts.line,
    lasts.system_id,
    questions.message_id as question_id,
    questions.parent_id as before_id,
    questions.message_index as question_index,
    lasts.request_id,
    lasts.reply_id,
    by_trace.feedback_score,
    by_trace.tool_errors,
    list_concat(
        coalesce(calls.names, []), coalesce(json_extract_string(lasts.reply_calls, '$[*].name'), [])
    ) as tool_names
from lasts
inner join questions using (conversation_id, trace_id)
inner join by_trace using (conversation_id, trace_id)
left join calls using (conversation_id, trace_id)
