with profiles as (
{{ zohocrm_staging(source('zohocrm_metadata', 'profiles'), [
  ['id', 'profile_id', 'string'],
  ['name', 'profile_name', 'string'],
  ['permissions_details', 'permissions_details', 'json'],
]) }}
),

permissions as (
  select
    profiles.profile_id,
    profiles.profile_name,
    {{ zohocrm_json_text(zohocrm_element(), 'id') }} as permission_id,
    {{ zohocrm_json_text(zohocrm_element(), 'name') }} as permission_name,
    {{ zohocrm_json_text(zohocrm_element(), 'display_label') }} as permission_label,
    {{ zohocrm_json_text(zohocrm_element(), 'module.api_name') }} as module_api_name,
    {{ zohocrm_json_text(zohocrm_element(), 'enabled') }} = 'true' as is_enabled
  from profiles, {{ zohocrm_elements('profiles.permissions_details') }}
)

select
  {{ dbt.concat(['profile_id', "':'", "coalesce(permission_id, permission_name)"]) }} as permission_key,
  permissions.*
from permissions
