{# Nested values, as each warehouse has them. #}
{% macro zohocrm_json_type() %}{{ return(adapter.dispatch('zohocrm_json_type', 'zohocrm_atlas')()) }}{% endmacro %}
{% macro default__zohocrm_json_type() %}json{% endmacro %}
{% macro postgres__zohocrm_json_type() %}jsonb{% endmacro %}
{% macro snowflake__zohocrm_json_type() %}variant{% endmacro %}

{# The text at a dotted path of an object. #}
{% macro zohocrm_json_text(column, path) %}{{ return(adapter.dispatch('zohocrm_json_text', 'zohocrm_atlas')(column, path)) }}{% endmacro %}
{% macro default__zohocrm_json_text(column, path) %}json_extract_string(cast({{ column }} as json), '$.{{ path }}'){% endmacro %}
{% macro postgres__zohocrm_json_text(column, path) %}(to_jsonb({{ column }}) #>> '{ {{- path | replace(".", ",") -}} }'){% endmacro %}
{% macro snowflake__zohocrm_json_text(column, path) %}cast(get_path({{ column }}, '{{ path }}') as varchar){% endmacro %}
{% macro bigquery__zohocrm_json_text(column, path) %}json_value(to_json({{ column }}), '$.{{ path }}'){% endmacro %}

{# A row for each element of an array: `from <this> as element`, whose value is `element.value`. #}
{% macro zohocrm_elements(column) %}{{ return(adapter.dispatch('zohocrm_elements', 'zohocrm_atlas')(column)) }}{% endmacro %}
{% macro default__zohocrm_elements(column) -%}
lateral (select unnest(from_json(cast({{ column }} as json), '["json"]')) as value) as element
{%- endmacro %}
{% macro postgres__zohocrm_elements(column) -%}
lateral jsonb_array_elements(
    case when jsonb_typeof(to_jsonb({{ column }})) = 'array' then to_jsonb({{ column }}) else '[]'::jsonb end
) as element(value)
{%- endmacro %}
{% macro snowflake__zohocrm_elements(column) %}lateral flatten(input => {{ column }}) as element{% endmacro %}
{% macro bigquery__zohocrm_elements(column) %}unnest(json_query_array(to_json({{ column }}))) as value{% endmacro %}

{# The element's value within `zohocrm_elements`. #}
{% macro zohocrm_element() %}{{ return(adapter.dispatch('zohocrm_element', 'zohocrm_atlas')()) }}{% endmacro %}
{% macro default__zohocrm_element() %}element.value{% endmacro %}
{% macro bigquery__zohocrm_element() %}value{% endmacro %}
