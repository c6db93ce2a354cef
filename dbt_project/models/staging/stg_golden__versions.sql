with

source as (

    select * from {{ source('golden', 'versions') }}

),

final as (

    select
        version_id,
        use_case,
        content_digest,
        parent_version_id,
        cases,
        approvers,
        owner,
        minted_at at time zone 'UTC' as minted_at,
        coalesce(current_at, minted_at) at time zone 'UTC' as current_at,
        is_tombstone,
        smoke_margin
    from source

)

select * from final
