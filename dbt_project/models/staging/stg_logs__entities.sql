with

source as (

    select * from {{ source('logs', 'entities') }}

),

final as (

    select
        message_id,
        field,
        start as start_offset,
        conversation_id,
        cast(arrived_on as date) as arrived_on,
        role,
        token,
        type as entity_type,
        rule,
        layer,
        score,
        value_hash,
        policy_version
    from source

)

select * from final
