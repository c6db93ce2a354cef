with

runs as (

    select * from {{ ref('stg_evals__runs') }}

),

scores as (

    select * from {{ ref('stg_evals__scores') }}

),

answers as (

    select * from {{ ref('stg_evals__answers') }}

),

-- repeats of a case are averaged first: the case is what was drawn, a repeat only asks again
averaged as (

    select
        run_id,
        case_id,
        metric,
        avg(value) as value,
        min(value) as value_min,
        max(value) as value_max,
        count(*) as repeats,
        count(value) as scored_repeats,
        count(*) filter (where value is null and reason is distinct from 'not_applicable') as missing_repeats,
        min(reason) filter (where value is null) as reason,
        arg_min(detail, repeat) as detail,
        min(scorer_digest) as scorer_digest
    from scores
    group by run_id, case_id, metric

),

-- for a recorded target, where its answer was found
found as (

    select
        run_id,
        case_id,
        min(cluster_id) as cluster_id,
        arg_min(conversation_id, repeat) as answer_conversation_id,
        arg_min(trace_id, repeat) as answer_trace_id
    from answers
    group by run_id, case_id

),

final as (

    select
        averaged.run_id,
        averaged.case_id,
        averaged.metric,
        runs.version_id,
        coalesce(found.cluster_id, averaged.case_id) as cluster_id,
        averaged.value,
        averaged.value_min,
        averaged.value_max,
        averaged.repeats,
        averaged.scored_repeats,
        averaged.missing_repeats,
        -- a case with any value has one; its missing repeats are counted beside it
        case when averaged.value is null then averaged.reason end as reason,
        averaged.detail,
        averaged.scorer_digest,
        found.answer_conversation_id,
        found.answer_trace_id
    from averaged
    inner join runs on averaged.run_id = runs.run_id
    left join found
        on
            averaged.run_id = found.run_id
            and averaged.case_id = found.case_id

)

select * from final
