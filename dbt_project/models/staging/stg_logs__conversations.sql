with

source as (

    select * from {{ source('logs', 'conversations') }}

),

final as (

    select
        conversation_id,
        service,
        use_case,
        environment,
        release,
        prompt_version,
        model,
        retrieval_version,
        tool_schema_version,
        is_mixed_release,
        user_hash,
        channel,
        cast(occurred_on as date) as occurred_on,
        started_at at time zone 'UTC' as started_at,
        ended_at at time zone 'UTC' as ended_at,
        turns,
        messages,
        user_messages,
        tools,
        retrievals,
        missing_replies,
        outcome,
        feedback_score,
        entities,
        withheld,
        cast(first_arrived_on as date) as first_arrived_on,
        cast(last_arrived_on as date) as last_arrived_on
    from source

)

select * from final
