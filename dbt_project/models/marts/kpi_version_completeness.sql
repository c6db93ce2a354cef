with

turns as (

    select * from {{ ref('stg_logs__turns') }}

),

-- a version that cannot apply is not asked for: of a turn without a retrieval no retrieval version, and so on
asked as (

    {% for version, applies in [
        ('release', 'has_chat'),
        ('prompt_version', 'has_chat'),
        ('model', 'has_chat'),
        ('retrieval_version', 'retrieved is not null'),
        ('tool_schema_version', 'tool_calls > 0'),
    ] %}
        select
            service,
            '{{ version }}' as version,
            count(*) as turns,
            count({{ version }}) as stated_turns
        from turns
        where {{ applies }}
        group by service
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        service,
        version,
        turns,
        stated_turns,
        {{ rate('stated_rate', 'stated_turns', 'turns') }}
    from asked

)

select * from final
