with

source as (

    select * from {{ source('evals', 'scores') }}

),

final as (

    select
        run_id,
        case_id,
        repeat,
        metric,
        value,
        reason,
        detail,
        scorer_digest
    from source

)

select * from final
