with fields as (
{{ zohocrm_staging(source('zohocrm_metadata', 'fields'), [
  ['id', 'field_id', 'string'],
  ['module_api_name', 'module_api_name', 'string'],
  ['api_name', 'field_api_name', 'string'],
  ['profiles', 'profiles', 'json'],
]) }}
),

permissions as (
  select
    fields.field_id,
    fields.module_api_name,
    fields.field_api_name,
    {{ zohocrm_json_text(zohocrm_element(), 'id') }} as profile_id,
    {{ zohocrm_json_text(zohocrm_element(), 'name') }} as profile_name,
    {{ zohocrm_json_text(zohocrm_element(), 'permission_type') }} as permission_type
  from fields, {{ zohocrm_elements('fields.profiles') }}
)

select {{ dbt.concat(['field_id', "':'", 'profile_id']) }} as permission_key, permissions.*
from permissions
