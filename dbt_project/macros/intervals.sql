{#-
  Law 3, no bare number: the intervals of the marts. All are two-sided at 95 % and null where nothing can be said.
  The formulas are those of goldworks.statistics; a test holds one against the other.
-#}

{% macro z95() -%}
    1.959963984540054
{%- endmacro %}

{% macro wilson_centre(successes, n) -%}
    ({{ successes }} / nullif({{ n }}, 0) + power({{ z95() }}, 2) / (2 * nullif({{ n }}, 0)))
    / (1 + power({{ z95() }}, 2) / nullif({{ n }}, 0))
{%- endmacro %}

{% macro wilson_half_width(successes, n) -%}
    {{ z95() }} / (1 + power({{ z95() }}, 2) / nullif({{ n }}, 0)) * sqrt(
        ({{ successes }} / nullif({{ n }}, 0)) * (1 - {{ successes }} / nullif({{ n }}, 0)) / nullif({{ n }}, 0)
        + power({{ z95() }} / (2 * nullif({{ n }}, 0)), 2)
    )
{%- endmacro %}

{#- Wilson's score interval (1927) of `successes` of `n` independent units; null when n is 0. -#}
{% macro wilson_low(successes, n) -%}
    case
        when {{ n }} > 0 and {{ successes }} <= 0 then 0.0
        when {{ n }} > 0 then greatest(0.0, {{ wilson_centre(successes, n) }} - {{ wilson_half_width(successes, n) }})
    end
{%- endmacro %}

{% macro wilson_high(successes, n) -%}
    case
        when {{ n }} > 0 and {{ successes }} >= {{ n }} then 1.0
        when {{ n }} > 0 then least(1.0, {{ wilson_centre(successes, n) }} + {{ wilson_half_width(successes, n) }})
    end
{%- endmacro %}

{#- Three columns: `name`, `name`_low, `name`_high. The caller has the n in a column of its own. -#}
{% macro rate(name, successes, n) -%}
    {{ successes }} / nullif({{ n }}, 0) as {{ name }},
    {{ wilson_low(successes, n) }} as {{ name }}_low,
    {{ wilson_high(successes, n) }} as {{ name }}_high
{%- endmacro %}

{#-
  Two-sided 95 % quantile of Student's t: exact for 1 and 2 degrees of freedom, from 3 on the Cornish-Fisher series
  (Abramowitz & Stegun 26.7.5), off by less than 0.3 %.
-#}
{% macro t95(degrees) -%}
    case
        when {{ degrees }} = 1 then 12.706204736174694
        when {{ degrees }} = 2 then 4.302652729749462
        when {{ degrees }} >= 3
            then
                {{ z95() }}
                + 2.3722712 / {{ degrees }}
                + 2.8224986 / power({{ degrees }}, 2)
                + 2.5558497 / power({{ degrees }}, 3)
                + 1.5895340 / power({{ degrees }}, 4)
    end
{%- endmacro %}

{#-
  Half-width of the interval of a mean over rows that come in clusters (Miller 2024), from three sums over the clusters:
  of size**2, size * sum and sum**2, with the number of rows, of clusters and the mean. Null below two clusters.
-#}
{% macro clustered_half_width(clusters, n, mean, sum_of_size_squares, sum_of_products, sum_of_sum_squares) -%}
    case
        when {{ clusters }} >= 2
            then {{ t95('(' ~ clusters ~ ' - 1)') }} * sqrt(
                greatest(
                    0.0,
                    {{ sum_of_sum_squares }}
                    - 2 * {{ mean }} * {{ sum_of_products }}
                    + power({{ mean }}, 2) * {{ sum_of_size_squares }}
                ) * {{ clusters }} / ({{ clusters }} - 1)
            ) / {{ n }}
    end
{%- endmacro %}

{#-
  Distribution-free interval of a quantile: the order statistics at the ranks n q -+ z sqrt(n q (1 - q)). Null when a rank
  lies outside the sample, as the upper end of a p95 does below some 60 values.
-#}
{% macro quantile_low(sorted_list, q) -%}
    case
        when floor(len({{ sorted_list }}) * {{ q }} - {{ z95() }} * sqrt(len({{ sorted_list }}) * {{ q }} * (1 - {{ q }}))) >= 1
            then {{ sorted_list }}[cast(
                floor(len({{ sorted_list }}) * {{ q }} - {{ z95() }} * sqrt(len({{ sorted_list }}) * {{ q }} * (1 - {{ q }})))
                as bigint
            )]
    end
{%- endmacro %}

{% macro quantile_high(sorted_list, q) -%}
    {{ sorted_list }}[cast(
        ceil(len({{ sorted_list }}) * {{ q }} + {{ z95() }} * sqrt(len({{ sorted_list }}) * {{ q }} * (1 - {{ q }}))) + 1
        as bigint
    )]
{%- endmacro %}
