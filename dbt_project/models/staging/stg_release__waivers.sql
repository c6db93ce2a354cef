with

source as (

    select * from {{ source('release', 'waivers') }}

),

final as (

    select
        waiver_id,
        kind,
        use_case,
        release,
        gates,
        owner,
        reason,
        mitigation,
        issue,
        approved_by,
        role,
        cast(since as date) as since,
        cast(expires as date) as expires,
        state,
        detail,
        key_id,
        file_digest,
        seen_at at time zone 'UTC' as seen_at,
        seen,
        version_id,
        policy_digest,
        baseline
    from source

)

select * from final
