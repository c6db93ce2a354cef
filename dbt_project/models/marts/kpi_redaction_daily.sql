with

entities as (

    select * from {{ ref('stg_logs__entities') }}

),

conversations as (

    select * from {{ ref('fct_conversations') }}

),

days as (

    select
        occurred_on,
        use_case,
        count(*) as conversations
    from conversations
    group by all

),

found as (

    select
        conversations.occurred_on,
        conversations.use_case,
        entities.entity_type,
        entities.rule,
        entities.layer,
        count(*) as entities,
        count(distinct entities.value_hash) as distinct_values,
        count(distinct entities.conversation_id) as conversations_with_entity,
        min(entities.score) as score_min
    from entities
    inner join conversations on entities.conversation_id = conversations.conversation_id
    group by all

),

final as (

    select
        found.occurred_on,
        found.use_case,
        found.entity_type,
        found.rule,
        found.layer,
        found.entities,
        found.distinct_values,
        found.score_min,
        found.conversations_with_entity,
        days.conversations,
        {{ rate('conversation_rate', 'found.conversations_with_entity', 'days.conversations') }}
    from found
    inner join days
        on
            found.occurred_on = days.occurred_on
            and found.use_case = days.use_case

)

select * from final
