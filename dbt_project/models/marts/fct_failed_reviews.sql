with

labels as (

    select *
    from {{ ref('stg_review__labels') }}
    where label_kind = 'human' and role in ('first', 'adjudication')
    qualify rubric_version = max(rubric_version) over (partition by rubric)

),

-- who adjudicated last decides; where nobody did, all first labels must fail
decided as (

    select
        item_id,
        rubric,
        dimension,
        max(created_at) as decided_at
    from labels
    where role = 'adjudication'
    group by item_id, rubric, dimension

),

counted as (

    select labels.*
    from labels
    left join decided
        on
            labels.item_id = decided.item_id
            and labels.rubric = decided.rubric
            and labels.dimension = decided.dimension
    where
        decided.decided_at is null
        or (labels.role = 'adjudication' and labels.created_at = decided.decided_at)

),

final as (

    select
        item_id,
        rubric,
        dimension,
        any_value(rubric_version) as rubric_version,
        any_value(item_kind) as item_kind,
        any_value(use_case) as use_case,
        any_value(release) as release,
        any_value(segment) as segment,
        any_value(conversation_id) as conversation_id,
        any_value(trace_id) as trace_id,
        any_value(run_id) as run_id,
        any_value(case_id) as case_id,
        min(value) as value,
        case
            when bool_or(role = 'adjudication') then 'adjudicated'
            when count(*) > 1 then 'agreed'
            else 'single'
        end as basis,
        max(created_at) as labelled_at,
        -- two reviewers mark the same statements: a sum would count them twice
        coalesce(max(len(spans)), 0) as marked_spans
    from counted
    group by item_id, rubric, dimension
    having count(*) = count(*) filter (where not is_pass)

)

select * from final
