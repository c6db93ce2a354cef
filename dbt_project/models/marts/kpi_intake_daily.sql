with

files as (

    select * from {{ ref('fct_files') }}

),

summed as (

    select
        arrived_on,
        dialect,
        count(*) as files,
        count(*) filter (where is_incomplete) as incomplete_files,
        cast(sum(size_bytes) as bigint) as size_bytes,
        cast(sum(lines) as bigint) as lines,
        cast(sum(records) as bigint) as records,
        cast(sum(duplicates) as bigint) as duplicates,
        cast(sum(quarantined) as bigint) as quarantined,
        cast(sum(empty) as bigint) as empty,
        cast(sum(suppressed) as bigint) as suppressed,
        cast(sum(late) as bigint) as late
    from files
    where is_taken
    group by all

),

final as (

    select
        arrived_on,
        dialect,
        files,
        incomplete_files,
        size_bytes,
        lines,
        records,
        duplicates,
        quarantined,
        empty,
        suppressed,
        late,
        {{ rate('quarantine_rate', 'quarantined', 'lines') }},
        {{ rate('late_rate', 'late', 'records') }}
    from summed

)

select * from final
