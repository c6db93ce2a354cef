with

versions as (

    select * from {{ ref('stg_golden__versions') }}

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
        minted_at,
        current_at,
        is_tombstone,
        smoke_margin,
        -- minting old content again makes it the current version once more
        -- a part for pull requests is none where there is a whole one
        not is_tombstone and row_number() over (
            partition by use_case, is_tombstone
            order by smoke_margin is null desc, current_at desc, version_id desc
        ) = 1 as is_current
    from versions

)

select * from final
