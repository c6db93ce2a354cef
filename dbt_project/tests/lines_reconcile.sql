-- every line of a taken file is a record, a duplicate, quarantined, empty or suppressed; each quarantined one has its row
{{ config(meta={'dagster': {'ref': {'name': 'fct_files'}}}) }}

with

files as (

    select * from {{ ref('fct_files') }}

),

quarantined_lines as (

    select
        source,
        count(*) as rows_found
    from {{ ref('fct_quarantined_lines') }}
    group by source

)

select
    files.source,
    files.lines,
    files.quarantined,
    quarantined_lines.rows_found
from files
left join quarantined_lines on files.source = quarantined_lines.source
where
    files.is_taken
    and (
        files.lines <> files.records + files.duplicates + files.quarantined + files.empty + files.suppressed
        or files.quarantined <> coalesce(quarantined_lines.rows_found, 0)
    )
