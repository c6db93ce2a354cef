with

source as (

    select * from {{ source('golden', 'cases') }}

),

final as (

    select
        version_id,
        case_id,
        use_case,
        tier,
        intent,
        origin,
        tags,
        parents,
        conversation_id,
        source,
        line,
        trace_id,
        release,
        case_digest
    from source

)

select * from final
