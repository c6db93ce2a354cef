"""`review.certificates` and `human_rates`: what labels show of metrics, and of releases by them. No text, no conversation."""

from __future__ import annotations

from goldworks.tables.declare import INTEGER, REAL, TEXT, TEXTS, TIME, Table, optional, required

CERTIFICATES = Table(
    "review",
    "certificates",
    "one row per certificate: a metric of a use case, its scorer, and the question of the rubric that it was held against",
    (
        required(
            "certificate_id", TEXT, "digest of use case, metric, scorer, rubric and limits: any change is another certificate"
        ),
        required("use_case", TEXT, "use case whose labels it rests on"),
        required("suite", TEXT, "suite"),
        required("metric", TEXT, "metric of the suite"),
        required("scorer_digest", TEXT, "digest of the scorer's source and settings; of a judge also model, prompt and rubric"),
        required("rubric", TEXT, "rubric that people labelled by"),
        required("rubric_version", INTEGER, "its version"),
        required("rubric_digest", TEXT, "digest of all the rubric says"),
        required("dimension", TEXT, "question of the rubric"),
        required("tier", TEXT, "tier of the use case, which picked the limits"),
        required("limits_digest", TEXT, "digest of the limits"),
        required(
            "state",
            TEXT,
            "valid, not_usable (not confirmed), too_few_labels or not_approved (rubric, review or calibration policy), "
            "when it was made",
        ),
        required("missing", TEXTS, "what it lacks, in words"),
        required("labels_missing", INTEGER, "labels that are missing at least"),
        optional("fails_up_to", REAL, "highest value of the metric that counts as a failure; null: none separates"),
        required("labels", INTEGER, "labelled answers that the figures rest on"),
        required("chosen_on", INTEGER, "further labelled answers, on which the cut was chosen"),
        required("positives", INTEGER, "answers that people call a failure"),
        required("unsure", INTEGER, "answers that people were unsure about, left out"),
        required("abstained", INTEGER, "answers that the metric gave no value, counted as wrong"),
        required("hits", INTEGER, "failures that the metric calls failures"),
        required("misses", INTEGER, "failures that it lets pass"),
        required("false_alarms", INTEGER, "good answers that it calls failures"),
        required("right_passes", INTEGER, "good answers that it lets pass"),
        *(
            optional(f"{name}{end}", REAL, f"{words}; {what}")
            for name, words in (
                ("agreement", "share of equal verdicts"),
                ("sensitivity", "share of the failures that it finds"),
                ("specificity", "share of the good answers that it lets pass"),
                ("balanced_accuracy", "mean of sensitivity and specificity"),
                ("kappa", "Cohen's kappa with the people"),
                ("auroc", "chance that a failure has the lower value of a pair"),
                ("ece", "expected calibration error of 1 - value as the chance of a failure"),
                ("human_alpha", "Krippendorff's alpha of the people among themselves, the ceiling"),
                ("bias_after_correction", "its failure rate, corrected, minus the people's"),
            )
            for end, what in (
                ("", "null: not computed"),
                ("_low", "lower end of the 90 % interval"),
                ("_high", "upper end of the 90 % interval"),
            )
        ),
        optional("self_consistency", REAL, "share of equal verdicts when it judged again; programs 1"),
        optional("rejudged_at", TIME, "when it judged again; programs never"),
        required("segments", TEXT, "sensitivity, specificity and kappa by segment, as JSON"),
        required("certified_at", TIME, "when it was made last"),
        optional("newest_label_at", TIME, "newest label it rests on"),
        optional("expires_at", TIME, "from then on it is expired"),
    ),
    keys=("certificate_id",),
)

HUMAN_RATES = Table(
    "review",
    "human_rates",
    "one row per newest run of a release and metric with a valid certificate: the rate that people would have found",
    (
        required("run_id", TEXT, "run"),
        required("metric", TEXT, "metric that stands for what people would say"),
        required("use_case", TEXT, "use case"),
        required("suite", TEXT, "suite"),
        optional("release", TEXT, "release"),
        required("certificate_id", TEXT, "certificate that it rests on"),
        required("own_value", REAL, "mean of the metric itself"),
        optional("value", REAL, "share of answers that people would have called good; null with `reason`"),
        optional("low", REAL, "lower end of its interval, of answers and labels together"),
        optional("high", REAL, "upper end of its interval"),
        required("confidence", REAL, "two-sided confidence of the interval"),
        required("method", TEXT, "estimator, by which labels there are"),
        required("labels", INTEGER, "labels used"),
        required("n", INTEGER, "cases used"),
        required("n_clusters", INTEGER, "independent groups of cases"),
        required("n_missing", INTEGER, "cases without a value of the metric"),
        optional("reason", TEXT, "why there is no value or no interval"),
        required("computed_at", TIME, "when it was computed last"),
    ),
    keys=("run_id", "metric"),
)

CALIBRATION = (CERTIFICATES, HUMAN_RATES)
