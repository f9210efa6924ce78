with relationships as (
{{ zohocrm_staging(source('zohocrm_metadata', 'relationships'), [
  ['from_module', 'from_module', 'string'],
  ['field_id', 'field_id', 'string'],
  ['to_module', 'to_module', 'string'],
  ['field_api_name', 'field_api_name', 'string'],
  ['field_label', 'field_label', 'string'],
  ['kind', 'kind', 'string'],
  ['linking_module', 'linking_module', 'string'],
]) }}
)
select
  {{ dbt.concat(['from_module', "':'", 'field_id', "':'", 'to_module']) }} as relationship_key,
  relationships.*
from relationships
