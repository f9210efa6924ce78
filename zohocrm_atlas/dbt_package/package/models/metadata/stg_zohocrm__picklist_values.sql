with picklist_values as (
{{ zohocrm_staging(source('zohocrm_metadata', 'picklist_values'), [
  ['field_id', 'field_id', 'string'],
  ['id', 'id', 'string'],
  ['module_api_name', 'module_api_name', 'string'],
  ['field_api_name', 'field_api_name', 'string'],
  ['display_value', 'display_value', 'string'],
  ['actual_value', 'actual_value', 'string'],
  ['sequence_number', 'sequence_number', 'integer'],
  ['colour_code', 'colour_code', 'string'],
  ['type', 'value_usage', 'string'],
]) }}
)
select {{ dbt.concat(['field_id', "':'", 'id']) }} as picklist_value_key, picklist_values.*
from picklist_values
