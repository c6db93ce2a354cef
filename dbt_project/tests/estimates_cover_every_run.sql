-- every metric that a run scored has its estimate
{{ config(meta={'dagster': {'ref': {'name': 'kpi_run_metrics'}}}) }}

select
    run_id,
    metric
from {{ ref('fct_case_results') }}
except
select
    run_id,
    metric
from {{ ref('kpi_run_metrics') }}
