with

runs as (

    select * from {{ ref('stg_evals__runs') }}

),

conversations as (

    select * from {{ ref('stg_logs__conversations') }}

),

-- releases are ordered by the day production first saw them; a release that no log shows, by its first run
released as (

    select
        use_case,
        release,
        min(occurred_on) as first_on
    from conversations
    where release is not null
    group by use_case, release

),

-- "newest" and "before it" make sense only among runs of the same suite against the same target
newest as (

    select
        *,
        row_number() over (
            partition by use_case, suite, target, coalesce(release, '')
            order by status = 'complete' desc, ended_at desc, run_id asc
        ) as age,
        min(started_at) over (partition by use_case, suite, target, coalesce(release, '')) as first_run_at
    from runs

),

dated as (

    select
        newest.run_id,
        newest.use_case,
        newest.suite,
        newest.target,
        newest.release,
        newest.first_run_at,
        coalesce(released.first_on, cast(newest.first_run_at as date)) as first_on
    from newest
    left join released
        on
            newest.use_case = released.use_case
            and newest.release = released.release
    where newest.age = 1 and newest.release is not null

),

chained as (

    select
        run_id,
        lag(run_id) over (
            partition by use_case, suite, target
            order by first_on, first_run_at, release
        ) as base_run_id
    from dated

),

final as (

    select
        newest.run_id,
        newest.age = 1 as is_newest,
        chained.base_run_id
    from newest
    left join chained on newest.run_id = chained.run_id

)

select * from final
