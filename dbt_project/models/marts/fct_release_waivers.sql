with

waivers as (

    select * from {{ ref('stg_release__waivers') }}

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
        since,
        expires,
        state,
        detail,
        key_id,
        file_digest,
        seen_at,
        seen,
        version_id,
        policy_digest,
        baseline
    from waivers

)

select * from final
