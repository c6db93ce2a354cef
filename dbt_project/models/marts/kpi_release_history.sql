with

verdicts as (

    select * from {{ ref('fct_release_verdicts') }}

),

candidates as (

    select * from {{ ref('stg_release__candidates') }}

),

judged as (

    select
        judgment_id,
        use_case,
        release,
        baseline,
        tier,
        policy,
        version_id,
        verdict,
        is_blocked,
        is_newest,
        judged_at,
        count(*) filter (where status != 'not_applicable') as gates,
        count(*) filter (where status = 'fail') as failed,
        count(*) filter (where status = 'inconclusive') as inconclusive,
        count(*) filter (where status = 'conditional') as conditional,
        coalesce(list_sort(list(gate) filter (where status = 'fail')), []) as failed_gates,
        coalesce(list_sort(list(gate) filter (where status = 'inconclusive')), []) as inconclusive_gates,
        max(more_cases) as more_cases
    from verdicts
    group by all

),

final as (

    select
        judged.judgment_id,
        judged.use_case,
        judged.release,
        judged.baseline,
        judged.tier,
        judged.policy,
        judged.version_id,
        judged.verdict,
        judged.is_blocked,
        judged.is_newest,
        judged.judged_at,
        candidates.released_on,
        candidates.model,
        candidates.prompt,
        candidates.retrieval,
        candidates.tools,
        candidates.code,
        judged.gates,
        judged.failed,
        judged.inconclusive,
        judged.conditional,
        judged.failed_gates,
        judged.inconclusive_gates,
        judged.more_cases
    from judged
    left join candidates
        on
            judged.use_case = candidates.use_case
            and judged.release = candidates.release

)

select * from final
