{#- The columns together name one row. -#}
{% test unique_together(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
group by all
having count(*) > 1

{% endtest %}

{#- The value is null or lies in 0..1. -#}
{% test within_unit_interval(model, column_name) %}

select {{ column_name }}
from {{ model }}
where {{ column_name }} not between 0 and 1

{% endtest %}

{#- Where there is a rate there is its interval, it holds the rate, and both lie in 0..1. -#}
{% test is_estimate(model, column_name) %}

select {{ column_name }}, {{ column_name }}_low, {{ column_name }}_high
from {{ model }}
where
    ({{ column_name }} is null) <> ({{ column_name }}_low is null)
    or ({{ column_name }} is null) <> ({{ column_name }}_high is null)
    or not (0 <= {{ column_name }}_low and {{ column_name }}_low <= {{ column_name }} + 1e-12)
    or not ({{ column_name }} <= {{ column_name }}_high + 1e-12 and {{ column_name }}_high <= 1)

{% endtest %}
