-- the segments of a day add up to its conversations, whether or not the log states release, channel and environment
{{ config(meta={'dagster': {'ref': {'name': 'kpi_conversations_daily'}}}) }}

with

counted as (

    select
        occurred_on,
        count(*) as conversations,
        sum(turns) as turns
    from {{ ref('fct_conversations') }}
    group by occurred_on

),

summed as (

    select
        occurred_on,
        sum(conversations) as conversations,
        sum(turns) as turns
    from {{ ref('kpi_conversations_daily') }}
    group by occurred_on

)

select
    coalesce(counted.occurred_on, summed.occurred_on) as occurred_on,
    counted.conversations,
    summed.conversations as summed_conversations
from counted
full join summed on counted.occurred_on = summed.occurred_on
where
    counted.conversations is distinct from summed.conversations
    or counted.turns is distinct from summed.turns
