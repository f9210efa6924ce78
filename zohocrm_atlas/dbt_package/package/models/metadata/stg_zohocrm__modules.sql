{{ zohocrm_staging(source('zohocrm_metadata', 'modules'), [
  ['id', 'id', 'string'],
  ['api_name', 'api_name', 'string'],
  ['plural_label', 'plural_label', 'string'],
  ['singular_label', 'singular_label', 'string'],
  ['generated_type', 'generated_type', 'string'],
  ['status', 'status', 'string'],
  ['api_supported', 'api_supported', 'boolean'],
  ['visibility', 'visibility', 'integer'],
  ['profile_count', 'profile_count', 'integer'],
  ['modified_time', 'modified_time', 'timestamp'],
  ['modified_by', 'modified_by_id', 'string', 'id'],
  ['modified_by', 'modified_by_name', 'string', 'name'],
]) }}
