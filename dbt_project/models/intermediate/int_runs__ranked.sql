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

-- "newest" makes sense only among runs of the same suite against the same target
newest as (

    select
        *,
        row_number() over (
            partition by use_case, suite, target, coalesce(release, '')
            order by status = 'complete' desc, status = 'incomplete' desc, ended_at desc, run_id asc
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
        newest.target_kind,
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

-- the release before it of the same target; where each release is a target of its own (an endpoint, a program), of
-- another target of the same kind: a live answer is never held against a recorded one
chained as (

    select
        dated.run_id,
        bases.run_id as base_run_id
    from dated
    inner join dated as bases
        on
            dated.use_case = bases.use_case
            and dated.suite = bases.suite
            and dated.target_kind = bases.target_kind
            and dated.release <> bases.release
            and (bases.first_on, bases.first_run_at, bases.release)
            < (dated.first_on, dated.first_run_at, dated.release)
    qualify row_number() over (
        partition by dated.run_id
        order by dated.target = bases.target desc, bases.first_on desc, bases.first_run_at desc, bases.release desc
    ) = 1

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
