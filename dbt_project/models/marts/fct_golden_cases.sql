with

cases as (

    select * from {{ ref('stg_golden__cases') }}

),

versions as (

    select * from {{ ref('dim_golden_versions') }}

),

final as (

    select
        cases.version_id,
        cases.case_id,
        cases.use_case,
        versions.is_current,
        cases.tier,
        cases.intent,
        cases.origin,
        cases.tags,
        cases.release,
        cases.case_digest,
        cases.parents,
        cases.conversation_id,
        cases.trace_id,
        cases.source,
        cases.line
    from cases
    inner join versions on cases.version_id = versions.version_id

)

select * from final
