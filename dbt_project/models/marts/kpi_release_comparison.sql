with

compared as (

    select * from {{ ref('int_runs__compared') }}

),

runs as (

    select * from {{ ref('fct_eval_runs') }}

),

final as (

    select
        runs.use_case,
        runs.suite,
        runs.target,
        runs.release,
        bases.release as base_release,
        compared.metric,
        compared.base_value,
        compared.base_low,
        compared.base_high,
        compared.base_n,
        compared.candidate_value,
        compared.candidate_low,
        compared.candidate_high,
        compared.candidate_n,
        compared.difference_value as difference,
        compared.difference_low,
        compared.difference_high,
        compared.difference_p_value as p_value,
        compared.difference_confidence as confidence,
        compared.difference_method as method,
        compared.difference_n as n,
        compared.difference_n_clusters as n_clusters,
        compared.difference_n_missing as n_missing,
        compared.difference_reason as reason,
        compared.is_paired,
        compared.common_cases,
        -- says where zero lies, not whether the release may go out: that is for the gates
        case
            when compared.difference_low > 0 then 'better'
            when compared.difference_high < 0 then 'worse'
            else 'undecided'
        end as direction,
        compared.warnings,
        compared.run_id,
        compared.base_run_id,
        runs.version_id,
        bases.version_id as base_version_id,
        runs.config_digest,
        bases.config_digest as base_config_digest
    from compared
    inner join runs on compared.run_id = runs.run_id
    inner join runs as bases on compared.base_run_id = bases.run_id

)

select * from final
