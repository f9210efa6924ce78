{{ zohocrm_staging(source('zohocrm_metadata', 'roles'), [
  ['id', 'id', 'string'],
  ['name', 'name', 'string'],
  ['reporting_to', 'reporting_to_id', 'string', 'id'],
  ['share_with_peers', 'share_with_peers', 'boolean'],
]) }}
