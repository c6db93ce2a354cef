with

conversations as (

    select * from {{ ref('fct_conversations') }}

),

turns as (

    select * from {{ ref('fct_turns') }}

),

-- a turn states its own versions; its conversation states those of the first turn
answered as (

    select
        use_case,
        {{ stated('release') }} as release,
        count(*) as turns,
        coalesce(list_sort(list_distinct(list(service))), []) as services,
        coalesce(list_sort(list_distinct(list(prompt_version))), []) as prompt_versions,
        coalesce(list_sort(list_distinct(list(model))), []) as models,
        coalesce(list_sort(list_distinct(list(retrieval_version))), []) as retrieval_versions,
        coalesce(list_sort(list_distinct(list(tool_schema_version))), []) as tool_schema_versions
    from turns
    where has_chat
    group by all

),

seen as (

    select
        use_case,
        {{ stated('release') }} as release,
        count(*) as conversations,
        min(occurred_on) as first_on,
        max(occurred_on) as last_on
    from conversations
    group by all

),

final as (

    select
        seen.use_case,
        seen.release,
        row_number() over (
            partition by seen.use_case
            order by seen.release = 'not stated', seen.first_on, seen.release
        ) as release_number,
        seen.first_on,
        seen.last_on,
        seen.conversations,
        coalesce(answered.turns, 0) as turns,
        coalesce(answered.services, []) as services,
        coalesce(answered.prompt_versions, []) as prompt_versions,
        coalesce(answered.models, []) as models,
        coalesce(answered.retrieval_versions, []) as retrieval_versions,
        coalesce(answered.tool_schema_versions, []) as tool_schema_versions
    from seen
    left join answered
        on
            seen.use_case = answered.use_case
            and seen.release = answered.release

)

select * from final
