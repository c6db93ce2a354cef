with

source as (

    select * from {{ source('logs', 'arrivals') }}

),

final as (

    select
        source,
        cast(arrived_on as date) as arrived_on,
        dialect,
        sha256,
        sha256 <> '' as is_taken,
        size_bytes,
        lines,
        records,
        duplicates,
        quarantined,
        empty,
        coalesce(suppressed, 0) as suppressed,
        late,
        is_incomplete,
        policy_version
    from source

)

select * from final
