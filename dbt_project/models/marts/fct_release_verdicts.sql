with

verdicts as (

    select * from {{ ref('stg_release__verdicts') }}

),

final as (

    select
        judgment_id,
        use_case,
        release,
        baseline,
        tier,
        policy,
        policy_digest,
        version_id,
        run_ids,
        verdict,
        is_blocked,
        judged_at,
        gate,
        family,
        kind,
        suite,
        metric,
        status,
        threshold,
        value,
        own_value,
        low,
        high,
        confidence,
        method,
        n,
        n_clusters,
        n_missing,
        reachable_margin,
        reason,
        words,
        settled_by,
        more_cases,
        more_repeats,
        more_labels,
        hours,
        cost_usd,
        label_hours,
        label_cost_usd,
        tags,
        accepted_by,
        look,
        labels,
        -- a release is judged again when its runs, its policy or what people accepted has changed
        rank() over (
            partition by use_case, release
            order by judged_at desc, judgment_id asc
        ) = 1 as is_newest
    from verdicts

)

select * from final
