with

source as (

    select * from {{ source('logs', 'quarantine') }}

),

final as (

    select
        source,
        line,
        cast(arrived_on as date) as arrived_on,
        byte_offset,
        length_bytes,
        reason,
        detail,
        line_hash
    from source

)

select * from final
