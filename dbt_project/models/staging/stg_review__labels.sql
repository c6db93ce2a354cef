with

source as (

    select * from {{ source('review', 'labels') }}

),

final as (

    select
        item_id,
        item_kind,
        conversation_id,
        trace_id,
        run_id,
        case_id,
        repeat,
        use_case,
        release,
        segment,
        rater,
        dimension,
        value,
        is_pass,
        spans,
        created_at,
        rubric,
        rubric_version,
        label_kind,
        role,
        task_id,
        came_as,
        imported_at
    from source

)

select * from final
