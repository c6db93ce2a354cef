with

conversations as (

    select * from {{ ref('fct_conversations') }}

),

turns as (

    select * from {{ ref('fct_turns') }}

),

keyed as (

    select
        conversation_id,
        use_case,
        {{ stated('release') }} as release
    from conversations

),

measured as (

    select
        keyed.use_case,
        keyed.release,
        {{ conversation_measures() }}
    from conversations
    inner join keyed on conversations.conversation_id = keyed.conversation_id
    group by all

),

timed as (

    select
        keyed.use_case,
        keyed.release,
        list_sort(list(turns.latency_ms)) as latencies
    from turns
    inner join keyed on turns.conversation_id = keyed.conversation_id
    where turns.latency_ms is not null
    group by all

),

final as (

    select
        measured.use_case,
        measured.release,
        {{ conversation_kpi_columns() }}
    from measured
    left join timed
        on
            measured.use_case = timed.use_case
            and measured.release = timed.release

)

select * from final
