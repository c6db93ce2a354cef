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
        occurred_on,
        use_case,
        {{ stated('release') }} as release,
        {{ stated('channel') }} as channel,
        {{ stated('environment') }} as environment
    from conversations

),

measured as (

    select
        keyed.occurred_on,
        keyed.use_case,
        keyed.release,
        keyed.channel,
        keyed.environment,
        {{ conversation_measures() }}
    from conversations
    inner join keyed on conversations.conversation_id = keyed.conversation_id
    group by all

),

timed as (

    select
        keyed.occurred_on,
        keyed.use_case,
        keyed.release,
        keyed.channel,
        keyed.environment,
        list_sort(list(turns.latency_ms)) as latencies
    from turns
    inner join keyed on turns.conversation_id = keyed.conversation_id
    where turns.latency_ms is not null
    group by all

),

final as (

    select
        measured.occurred_on,
        measured.use_case,
        measured.release,
        measured.channel,
        measured.environment,
        {{ conversation_kpi_columns() }}
    from measured
    left join timed
        on
            measured.occurred_on = timed.occurred_on
            and measured.use_case = timed.use_case
            and measured.release = timed.release
            and measured.channel = timed.channel
            and measured.environment = timed.environment

)

select * from final
