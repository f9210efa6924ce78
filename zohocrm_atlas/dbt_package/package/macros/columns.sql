{# The columns that the loader made: name in lower case, and as it is spelt. None: no table. #}
{% macro zohocrm_existing(source_relation) %}
  {% if not execute %}{{ return({}) }}{% endif %}
  {% set relation = adapter.get_relation(source_relation.database, source_relation.schema, source_relation.identifier) %}
  {% if relation is none %}
    {% do log("zohocrm_atlas: " ~ source_relation ~ " is not loaded: its staging model has no rows.", info=true) %}
    {{ return(none) }}
  {% endif %}
  {% set existing = {} %}
  {% for column in adapter.get_columns_in_relation(relation) %}
    {# The exact spelling of two that differ in case is kept under itself as well. #}
    {% do existing.update({column.name: column}) %}
    {% if column.name | lower not in existing %}{% do existing.update({column.name | lower: column}) %}{% endif %}
  {% endfor %}
  {{ return(existing) }}
{% endmacro %}

{# The loader's column for a name of Zoho's, whatever case or style the loader uses. #}
{% macro zohocrm_found(existing, name) %}
  {% set snake = modules.re.sub('(?<=[a-z0-9])(?=[A-Z])', '_', name) | lower %}
  {% for candidate in [name, name | upper, name | lower, snake] %}
    {% if candidate in existing %}{{ return(existing[candidate]) }}{% endif %}
  {% endfor %}
  {{ return(none) }}
{% endmacro %}

{# A null of a type of ours: string, integer, number, boolean, timestamp, date or json. #}
{% macro zohocrm_null(type) %}
  {%- if type == 'json' -%} cast(null as {{ zohocrm_json_type() }})
  {%- elif type == 'integer' -%} cast(null as {{ dbt.type_bigint() }})
  {%- elif type == 'number' -%} cast(null as {{ dbt.type_float() }})
  {%- elif type == 'boolean' -%} cast(null as {{ dbt.type_boolean() }})
  {%- elif type == 'timestamp' -%} cast(null as {{ dbt.type_timestamp() }})
  {%- elif type == 'date' -%} cast(null as date)
  {%- else -%} cast(null as {{ dbt.type_string() }})
  {%- endif -%}
{% endmacro %}

{#
  A staging model of one source.
  columns: [name of Zoho's, name here, type] or, for a text inside a nested value,
  [name of Zoho's, name here, 'string', path].
  names: [name of a key, name here, source of what it leads to, its column with the name].
#}
{% macro zohocrm_staging(source_relation, columns, names=[]) %}
{%- set existing = zohocrm_existing(source_relation) %}
{%- set loaded = existing is not none %}
select
{%- for column in columns %}
  {%- set found = zohocrm_found(existing or {}, column[0]) %}
  {%- if not found %}
  {{ zohocrm_null(column[2]) }} as {{ column[1] }}
  {%- elif column | length > 3 %}
  {{ zohocrm_json_text(adapter.quote(found.name), column[3]) }} as {{ column[1] }}
  {%- else %}
  {{ adapter.quote(found.name) }} as {{ column[1] }}
  {%- endif %}
  {%- if not loop.last or names %},{% endif %}
{%- endfor %}
{%- for name in names %}
  {{ zohocrm_name(existing, name[0], name[2], name[3]) }} as {{ name[1] }}
  {%- if not loop.last %},{% endif %}
{%- endfor %}
{%- if loaded %}
from {{ source_relation }} as record
  {%- set tombstone = zohocrm_found(existing, '_sdc_deleted_at') %}
  {%- if tombstone %}
where {{ adapter.quote(tombstone.name) }} is null
  {%- endif %}
{%- else %}
from (select 1 as nothing) as no_table
where 1 = 0
{%- endif %}
{% endmacro %}

{# The name of what a key leads to. More than one row of a key, before a merge, is no more rows. #}
{% macro zohocrm_name(existing, key, parent, name) %}
{%- set own = zohocrm_found(existing or {}, key) %}
{%- set others = zohocrm_existing(parent) or {} %}
{%- set id, found = zohocrm_found(others, 'id'), zohocrm_found(others, name) %}
{%- if own and id and found -%}
  (select max(parent.{{ adapter.quote(found.name) }}) from {{ parent }} as parent
    where parent.{{ adapter.quote(id.name) }} = record.{{ adapter.quote(own.name) }})
{%- else -%}
  {{ zohocrm_null('string') }}
{%- endif -%}
{% endmacro %}
