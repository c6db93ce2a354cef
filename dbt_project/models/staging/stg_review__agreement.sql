with

source as (

    select * from {{ source('review', 'agreement') }}

),

final as (

    select
        rubric,
        rubric_version,
        dimension,
        scope,
        of as of_what,
        units,
        single,
        raters,
        fail_rate,
        alpha,
        alpha_low,
        alpha_high,
        percent,
        percent_low,
        percent_high,
        ac1,
        ac1_low,
        ac1_high,
        kappa,
        kappa_low,
        kappa_high,
        confidence,
        reason,
        status,
        remedy,
        computed_at
    from source

)

select * from final
