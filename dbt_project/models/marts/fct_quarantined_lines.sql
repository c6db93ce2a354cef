with

quarantine as (

    select * from {{ ref('stg_logs__quarantine') }}

),

arrivals as (

    select * from {{ ref('stg_logs__arrivals') }}

),

final as (

    select
        quarantine.source,
        quarantine.line,
        quarantine.arrived_on,
        arrivals.dialect,
        quarantine.reason,
        quarantine.detail,
        quarantine.byte_offset,
        quarantine.length_bytes,
        quarantine.line_hash
    from quarantine
    left join arrivals on quarantine.source = arrivals.source

)

select * from final
