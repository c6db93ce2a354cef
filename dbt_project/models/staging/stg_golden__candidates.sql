with

source as (

    select * from {{ source('golden', 'candidates') }}

),

final as (

    select
        case_id,
        use_case,
        tier,
        intent,
        origin,
        stratum,
        state,
        reviewed_by,
        reviewed_at at time zone 'UTC' as reviewed_at,
        proposed_at at time zone 'UTC' as proposed_at,
        conversation_id,
        source,
        line,
        release,
        plan_digest,
        case_digest
    from source

)

select * from final
