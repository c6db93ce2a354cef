{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- staging, intermediate and marts are schemas of those very names -#}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
