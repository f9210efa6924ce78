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

{# Rows whose formula is another in the warehouse than in Zoho; Zoho rounds to its decimals. A roll-up of nothing may be 0. #}
{% test zohocrm_formula(model, column_name, kind, decimals, roll_up=false) %}
{%- set zoho = column_name ~ '__zoho' %}
select id, {{ column_name }}, {{ zoho }}
from {{ model }}
where
{%- if kind == 'number' %}
  {%- set here, there = 'cast(' ~ column_name ~ ' as ' ~ dbt.type_float() ~ ')', 'cast(' ~ zoho ~ ' as ' ~ dbt.type_float() ~ ')' %}
  {%- if roll_up %}{% set here, there = 'coalesce(' ~ here ~ ', 0)', 'coalesce(' ~ there ~ ', 0)' %}{% endif %}
  ({{ here }} is null and {{ there }} is not null)
  or ({{ here }} is not null and {{ there }} is null)
  or abs({{ here }} - {{ there }}) > 0.501e-{{ decimals }} + 1e-9 * abs({{ here }})
{%- else %}
  {{ column_name }} is distinct from {{ zoho }}
{%- endif %}
{% endtest %}
