{{ zohocrm_staging(source('zohocrm_metadata', 'layouts'), [
  ['id', 'id', 'string'],
  ['module_api_name', 'module_api_name', 'string'],
  ['name', 'name', 'string'],
  ['display_label', 'display_label', 'string'],
  ['status', 'status', 'string'],
  ['modified_time', 'modified_time', 'timestamp'],
]) }}
