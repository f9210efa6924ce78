{# Rows whose value is none that the picklist has; empty values pass. #}
{% test zohocrm_picklist(model, column_name, values) %}
select {{ column_name }} as value_outside, count(*) as occurrences
from {{ model }}
where {{ column_name }} is not null
  and cast({{ column_name }} as {{ dbt.type_string() }}) not in (
    {%- for value in values %}'{{ dbt.escape_single_quotes(value) }}'{{ ', ' if not loop.last }}{% endfor -%}
  )
group by {{ column_name }}
{% endtest %}
