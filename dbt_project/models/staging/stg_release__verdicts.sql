with

source as (

    select * from {{ source('release', 'verdicts') }}

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
        judged_at at time zone 'UTC' as judged_at,
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
        labels_digest,
        scorer_digest
    from source

)

select * from final
