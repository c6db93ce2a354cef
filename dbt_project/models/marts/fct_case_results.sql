with

scores as (

    select * from {{ ref('int_scores__averaged') }}

),

runs as (

    select * from {{ ref('fct_eval_runs') }}

),

cases as (

    select * from {{ ref('fct_golden_cases') }}

),

final as (

    select
        scores.run_id,
        scores.case_id,
        scores.metric,
        scores.value,
        scores.reason,
        scores.detail,
        scores.value_min,
        scores.value_max,
        scores.repeats,
        scores.scored_repeats,
        scores.missing_repeats,
        runs.use_case,
        runs.suite,
        runs.target,
        runs.release,
        runs.is_newest,
        cases.tier,
        cases.intent,
        cases.origin,
        scores.cluster_id,
        scores.scorer_digest,
        runs.config_digest,
        scores.version_id,
        cases.conversation_id,
        cases.trace_id,
        cases.source,
        cases.line,
        scores.answer_conversation_id,
        scores.answer_trace_id
    from scores
    inner join runs on scores.run_id = runs.run_id
    -- an erased version has no cases any more; its results stay, without their origin
    left join cases
        on
            scores.version_id = cases.version_id
            and scores.case_id = cases.case_id

)

select * from final
