{{ zohocrm_staging(source('zohocrm_metadata', 'profiles'), [
  ['id', 'id', 'string'],
  ['name', 'name', 'string'],
  ['display_label', 'display_label', 'string'],
  ['description', 'description', 'string'],
  ['custom', 'is_custom', 'boolean'],
  ['modified_time', 'modified_time', 'timestamp'],
]) }}
