with

estimated as (

    select * from {{ ref('int_scores__estimated') }}

),

averaged as (

    select * from {{ ref('int_scores__averaged') }}

),

runs as (

    select * from {{ ref('fct_eval_runs') }}

),

people as (

    select * from {{ ref('stg_review__human_rates') }}

),

asked as (

    select
        run_id,
        metric,
        count(*) filter (where value is null and missing_repeats = 0) as n_not_applicable
    from averaged
    group by run_id, metric

),

final as (

    select
        estimated.run_id,
        estimated.metric,
        estimated.is_aggregate,
        runs.use_case,
        runs.suite,
        runs.target,
        runs.release,
        runs.is_newest,
        estimated.value,
        estimated.low,
        estimated.high,
        estimated.confidence,
        estimated.method,
        estimated.n,
        estimated.n_clusters,
        estimated.n_missing,
        coalesce(asked.n_not_applicable, 0) as n_not_applicable,
        people.value as people_value,
        people.low as people_low,
        people.high as people_high,
        people.method as people_method,
        people.labels as people_labels,
        estimated.reason,
        estimated.note,
        runs.ended_at,
        runs.version_id,
        runs.config_digest
    from estimated
    inner join runs on estimated.run_id = runs.run_id
    -- an aggregate has no scores of its own
    left join asked
        on
            estimated.run_id = asked.run_id
            and estimated.metric = asked.metric
    left join people
        on
            estimated.run_id = people.run_id
            and estimated.metric = people.metric

)

select * from final
