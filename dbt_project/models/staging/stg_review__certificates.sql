with

source as (

    select * from {{ source('review', 'certificates') }}

),

final as (

    select
        certificate_id,
        use_case,
        suite,
        metric,
        scorer_digest,
        rubric,
        rubric_version,
        rubric_digest,
        dimension,
        tier,
        limits_digest,
        state,
        missing,
        labels_missing,
        fails_up_to,
        labels,
        chosen_on,
        positives,
        unsure,
        abstained,
        hits,
        misses,
        false_alarms,
        right_passes,
        agreement,
        agreement_low,
        agreement_high,
        sensitivity,
        sensitivity_low,
        sensitivity_high,
        specificity,
        specificity_low,
        specificity_high,
        balanced_accuracy,
        balanced_accuracy_low,
        balanced_accuracy_high,
        kappa,
        kappa_low,
        kappa_high,
        auroc,
        auroc_low,
        auroc_high,
        ece,
        ece_low,
        ece_high,
        human_alpha,
        human_alpha_low,
        human_alpha_high,
        bias_after_correction,
        bias_after_correction_low,
        bias_after_correction_high,
        self_consistency,
        rejudged_at at time zone 'UTC' as rejudged_at,
        segments,
        certified_at at time zone 'UTC' as certified_at,
        newest_label_at at time zone 'UTC' as newest_label_at,
        expires_at at time zone 'UTC' as expires_at
    from source

)

select * from final
