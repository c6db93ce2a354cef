with

arrivals as (

    select * from {{ ref('stg_logs__arrivals') }}

),

final as (

    select
        source,
        arrived_on,
        dialect,
        is_taken,
        is_incomplete,
        size_bytes,
        lines,
        records,
        duplicates,
        quarantined,
        empty,
        suppressed,
        late,
        policy_version,
        sha256
    from arrivals

)

select * from final
