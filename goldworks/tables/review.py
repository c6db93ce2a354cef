"""`review.*`: what people are asked to label, what they said, and what was refused. No text of conversations: ids and choices."""

from __future__ import annotations

from goldworks.tables.declare import FLAG, INTEGER, REAL, TEXT, TEXTS, TIME, Column, Table, optional, required

ITEM: tuple[Column, ...] = (
    required("item_id", TEXT, "turn (its trace_id), answer (`run/case/repeat`), conversation, or `anchor:<id>`"),
    required("item_kind", TEXT, "turn, answer, conversation or anchor"),
    optional("conversation_id", TEXT, "conversation it belongs to: the unit of analysis; null for authored cases and anchors"),
    optional("trace_id", TEXT, "turn"),
    optional("run_id", TEXT, "run of an answer"),
    optional("case_id", TEXT, "case of an answer"),
    optional("repeat", INTEGER, "0-based repeat of an answer"),
    optional("use_case", TEXT, "use case"),
    optional("release", TEXT, "release that answered"),
    optional("segment", TEXT, "segment by the review policy, such as the channel"),
)

TASKS = Table(
    "review",
    "tasks",
    "one row per item to label by a version of a rubric; a disagreement about it is a row of its own",
    (
        required("task_id", TEXT, "digest of kind, item, rubric and version: the same item is never asked for twice"),
        required("kind", TEXT, "sample, adjudication (reviewers disagreed) or anchor (the right labels are known)"),
        *ITEM,
        required("rubric", TEXT, "rubric"),
        required("rubric_version", INTEGER, "version of the rubric"),
        required("period", TEXT, "ISO week of the item, part of the salt of its hash"),
        required("inclusion_probability", REAL, "chance that the item had to be drawn; 1 for adjudications and anchors"),
        required("rules", TEXTS, "rules of the policy that apply to it, sorted"),
        required("overlap_probability", REAL, "chance that it had to be given to several reviewers"),
        required("labels_wanted", INTEGER, "reviewers who should label it independently"),
        required("assigned_to", TEXTS, "reviewers it is given to, sorted; none: whoever comes first"),
        required("policy_digest", TEXT, "digest of the review policy that drew it"),
        required("queued_at", TIME, "when it was drawn first"),
    ),
    keys=("task_id",),
)

LABELS = Table(
    "review",
    "labels",
    "one row per judgment: item, rater, dimension and version of the rubric",
    (
        *ITEM,
        required("rater", TEXT, "who judged: a name or pseudonym, or the name of a model"),
        required("dimension", TEXT, "dimension of the rubric"),
        required("value", TEXT, "choice on the scale of the dimension"),
        optional("is_pass", FLAG, "whether the choice meets the standard; null: it says neither"),
        optional(
            "spans", TEXTS, "what the rater marked in the answer as it was shown: `start-end` in code points; null: nothing"
        ),
        required("created_at", TIME, "when it was judged"),
        required("rubric", TEXT, "rubric"),
        required("rubric_version", INTEGER, "version of the rubric"),
        required("label_kind", TEXT, "human, judge_model, objective or unstated"),
        required("role", TEXT, "first, adjudication or anchor: why the rater was asked"),
        optional("task_id", TEXT, "task that it answers; null: the item was not asked for here"),
        required("came_as", TEXT, "jsonl, csv, json, xlsx or label_studio"),
        required("file_digest", TEXT, "digest of the file that it came in"),
        required("imported_at", TIME, "when it was taken"),
    ),
    keys=("item_id", "rater", "dimension", "rubric", "rubric_version", "role"),
)

REFUSALS = Table(
    "review",
    "refusals",
    "one row per label that was not taken, with the reason; never its value",
    (
        required("file_digest", TEXT, "digest of the file that it came in"),
        required("line", INTEGER, "1-based line or row of that file"),
        required("dimension", TEXT, "dimension; empty when it does not say"),
        required("reason", TEXT, "malformed, unknown_item, stale_rubric, invalid_value, invalid_spans, late, duplicate, ..."),
        optional("task_id", TEXT, "task that it would answer"),
        optional("conversation_id", TEXT, "conversation of the item, when the item is known"),
        optional("case_id", TEXT, "case of the item, when the item is known"),
        optional("rater", TEXT, "rater, when the rater is known"),
        required("came_as", TEXT, "jsonl, csv, json, xlsx or label_studio"),
        required("refused_at", TIME, "when it was refused first"),
    ),
    keys=("file_digest", "line", "dimension"),
)

STRATA = Table(
    "review",
    "strata",
    "one row per stratum of the queue and week: how many items there were to draw from",
    (
        required("rubric", TEXT, "rubric"),
        required("use_case", TEXT, "use case"),
        required("release", TEXT, "release; empty when the log does not say"),
        required("segment", TEXT, "segment; empty when the log does not say"),
        required("item_kind", TEXT, "turn or answer"),
        required("period", TEXT, "ISO week"),
        required("stratum", TEXT, "rules that apply, joined by +"),
        required("items", INTEGER, "items of the stratum"),
        required("expected", REAL, "sum of their inclusion probabilities when they were looked at last"),
        required("drawn_at", TIME, "when they were looked at last"),
    ),
    keys=("rubric", "use_case", "release", "segment", "item_kind", "period", "stratum"),
)

AGREEMENT = Table(
    "review",
    "agreement",
    "one row per rubric version, dimension and scope: how far reviewers agree, before adjudication",
    (
        required("rubric", TEXT, "rubric"),
        required("rubric_version", INTEGER, "version of the rubric"),
        required("dimension", TEXT, "dimension"),
        required("scope", TEXT, "all, pair (of raters) or segment"),
        required("of", TEXT, "`a | b` for a pair, the segment for a segment, else empty"),
        required("units", INTEGER, "items that at least two raters labelled"),
        required("single", INTEGER, "items with one label, which say nothing of agreement"),
        required("raters", INTEGER, "raters"),
        optional("fail_rate", REAL, "share of failing labels among the units: agreement on a rare label means little"),
        optional("alpha", REAL, "Krippendorff's alpha; null with `reason`"),
        optional("alpha_low", REAL, "lower end of its interval"),
        optional("alpha_high", REAL, "upper end of its interval"),
        optional("percent", REAL, "share of agreeing pairs of labels"),
        optional("percent_low", REAL, "lower end of its interval"),
        optional("percent_high", REAL, "upper end of its interval"),
        optional("ac1", REAL, "Gwet's AC1"),
        optional("ac1_low", REAL, "lower end of its interval"),
        optional("ac1_high", REAL, "upper end of its interval"),
        optional("kappa", REAL, "Cohen's kappa, of pairs only; quadratic weights for ordinal scales"),
        optional("kappa_low", REAL, "lower end of its interval"),
        optional("kappa_high", REAL, "upper end of its interval"),
        required("confidence", REAL, "two-sided confidence of the intervals"),
        optional("reason", TEXT, "why alpha or its interval is not there: n_zero, n_too_small, no_variation"),
        required("status", TEXT, "strong, usable, not_usable, or undecided when there are too few units to show it"),
        required("remedy", TEXT, "what to do; empty when nothing is"),
        required("computed_at", TIME, "when"),
    ),
    keys=("rubric", "rubric_version", "dimension", "scope", "of"),
)

REVIEW = (TASKS, LABELS, REFUSALS, STRATA, AGREEMENT)
