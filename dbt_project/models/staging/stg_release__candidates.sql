with

source as (

    select * from {{ source('release', 'candidates') }}

),

final as (

    select
        use_case,
        release,
        tier,
        cast(released_on as date) as released_on,
        target,
        suites,
        baseline,
        model,
        prompt,
        retrieval,
        tools,
        code,
        author,
        judged_at at time zone 'UTC' as judged_at
    from source

)

select * from final
