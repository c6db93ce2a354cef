{#-
  Quality of production over a group of conversations, the same columns for every mart that groups them. The unit of every
  rate is the conversation: the turns of one are not independent of each other.
-#}

{#- Over rows of fct_conversations. -#}
{% macro conversation_measures() -%}
    count(*) as conversations,
    count(*) filter (where is_mixed_release) as mixed_release_conversations,
    cast(sum(turns) as bigint) as turns,
    cast(sum(missing_replies) as bigint) as missing_replies,
    cast(sum(failed_turns) as bigint) as failed_turns,
    cast(sum(tool_calls) as bigint) as tool_calls,
    cast(sum(tool_errors) as bigint) as tool_errors,
    count(*) filter (where missing_replies > 0) as unanswered_conversations,
    {{ rate('missing_reply_rate', 'count(*) filter (where missing_replies > 0)', 'count(*)') }},
    count(*) filter (where failed_turns > 0) as failed_conversations,
    {{ rate('error_rate', 'count(*) filter (where failed_turns > 0)', 'count(*)') }},
    count(*) filter (where tool_calls > 0) as tool_conversations,
    count(*) filter (where tool_errors > 0) as tool_error_conversations,
    {{ rate(
        'tool_error_rate', 'count(*) filter (where tool_errors > 0)', 'count(*) filter (where tool_calls > 0)'
    ) }},
    count(feedback_score) as feedback_conversations,
    count(*) filter (where feedback_score > 0) as positive_feedback,
    count(*) filter (where feedback_score < 0) as negative_feedback,
    {{ rate('negative_feedback_rate', 'count(*) filter (where feedback_score < 0)', 'count(feedback_score)') }},
    cast(sum(input_tokens) as bigint) as input_tokens,
    cast(sum(output_tokens) as bigint) as output_tokens,
    sum(cost_usd) as cost_usd,
    count(cost_usd) as costed_conversations,
    cast(sum(timed_turns) as bigint) as timed_turns,
    sum(latency_ms_total) / nullif(sum(timed_turns), 0) as latency_ms_mean,
    {{ clustered_half_width(
        'count(*) filter (where timed_turns > 0)',
        'sum(timed_turns)',
        '(sum(latency_ms_total) / nullif(sum(timed_turns), 0))',
        'sum(power(timed_turns, 2))',
        'sum(timed_turns * latency_ms_total)',
        'sum(power(latency_ms_total, 2))'
    ) }} as latency_ms_half_width
{%- endmacro %}

{#- Over rows of fct_turns, gathered as `latencies`: a sorted list of latency_ms. -#}
{% macro latency_quantiles() -%}
    list_aggregate(latencies, 'quantile_cont', 0.5) as latency_ms_p50,
    {{ quantile_low('latencies', 0.5) }} as latency_ms_p50_low,
    {{ quantile_high('latencies', 0.5) }} as latency_ms_p50_high,
    list_aggregate(latencies, 'quantile_cont', 0.95) as latency_ms_p95,
    {{ quantile_low('latencies', 0.95) }} as latency_ms_p95_low,
    {{ quantile_high('latencies', 0.95) }} as latency_ms_p95_high
{%- endmacro %}

{#- What a version or segment is called when the log does not state it; keys of a mart are never null. -#}
{% macro stated(column) -%}
    coalesce({{ column }}, 'not stated')
{%- endmacro %}

{#- The shared columns, in the order in which both marts have them. `measured` and `timed` are the CTEs' names. -#}
{% macro conversation_kpi_columns() -%}
    measured.conversations,
    measured.mixed_release_conversations,
    measured.turns,
    measured.unanswered_conversations,
    measured.missing_reply_rate,
    measured.missing_reply_rate_low,
    measured.missing_reply_rate_high,
    measured.missing_replies,
    measured.failed_conversations,
    measured.error_rate,
    measured.error_rate_low,
    measured.error_rate_high,
    measured.failed_turns,
    measured.tool_conversations,
    measured.tool_error_conversations,
    measured.tool_error_rate,
    measured.tool_error_rate_low,
    measured.tool_error_rate_high,
    measured.tool_calls,
    measured.tool_errors,
    measured.feedback_conversations,
    measured.positive_feedback,
    measured.negative_feedback,
    measured.negative_feedback_rate,
    measured.negative_feedback_rate_low,
    measured.negative_feedback_rate_high,
    measured.timed_turns,
    measured.latency_ms_mean,
    case
        when measured.latency_ms_half_width is not null
            then greatest(0.0, measured.latency_ms_mean - measured.latency_ms_half_width)
    end as latency_ms_mean_low,
    measured.latency_ms_mean + measured.latency_ms_half_width as latency_ms_mean_high,
    {{ latency_quantiles() }},
    measured.input_tokens,
    measured.output_tokens,
    measured.cost_usd,
    measured.costed_conversations
{%- endmacro %}
