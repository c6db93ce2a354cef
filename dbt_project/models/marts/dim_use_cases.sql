with

conversations as (

    select * from {{ ref('fct_conversations') }}

),

candidates as (

    select * from {{ ref('stg_golden__candidates') }}

),

golden_versions as (

    select * from {{ ref('dim_golden_versions') }}

),

produced as (

    select
        use_case,
        count(*) as conversations,
        list_sort(list_distinct(list(service))) as services,
        count(distinct release) as releases,
        min(occurred_on) as first_on,
        max(occurred_on) as last_on
    from conversations
    group by use_case

),

proposed as (

    select
        use_case,
        min(tier) as tier,
        count(*) as candidates,
        count(*) filter (where state = 'approved') as approved_candidates
    from candidates
    group by use_case

),

named as (

    select use_case from produced
    union
    select use_case from proposed
    union
    select use_case from golden_versions

),

final as (

    select
        named.use_case,
        proposed.tier,
        golden_versions.owner,
        coalesce(produced.services, []) as services,
        coalesce(produced.conversations, 0) as conversations,
        coalesce(produced.releases, 0) as releases,
        produced.first_on,
        produced.last_on,
        coalesce(proposed.candidates, 0) as candidates,
        coalesce(proposed.approved_candidates, 0) as approved_candidates,
        golden_versions.version_id as current_version_id,
        coalesce(golden_versions.cases, 0) as golden_cases
    from named
    left join produced on named.use_case = produced.use_case
    left join proposed on named.use_case = proposed.use_case
    left join golden_versions
        on
            named.use_case = golden_versions.use_case
            and golden_versions.is_current

)

select * from final
