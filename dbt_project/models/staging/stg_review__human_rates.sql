with

source as (

    select * from {{ source('review', 'human_rates') }}

),

final as (

    select
        run_id,
        metric,
        use_case,
        suite,
        release,
        certificate_id,
        own_value,
        value,
        low,
        high,
        confidence,
        method,
        labels,
        n,
        n_clusters,
        n_missing,
        reason,
        computed_at at time zone 'UTC' as computed_at
    from source

)

select * from final
