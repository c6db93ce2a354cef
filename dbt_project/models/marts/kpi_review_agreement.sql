with

agreement as (

    select * from {{ ref('stg_review__agreement') }}

),

versions as (

    select
        rubric,
        max(rubric_version) as last_version
    from agreement
    group by rubric

),

final as (

    select
        agreement.rubric,
        agreement.rubric_version,
        agreement.rubric_version = versions.last_version as is_last_version,
        agreement.dimension,
        agreement.scope,
        agreement.of_what,
        agreement.units,
        agreement.single,
        agreement.raters,
        agreement.fail_rate,
        agreement.alpha,
        agreement.alpha_low,
        agreement.alpha_high,
        agreement.percent,
        agreement.percent_low,
        agreement.percent_high,
        agreement.ac1,
        agreement.ac1_low,
        agreement.ac1_high,
        agreement.kappa,
        agreement.kappa_low,
        agreement.kappa_high,
        agreement.confidence,
        agreement.reason,
        agreement.status,
        agreement.remedy,
        agreement.computed_at
    from agreement
    inner join versions on agreement.rubric = versions.rubric

)

select * from final
