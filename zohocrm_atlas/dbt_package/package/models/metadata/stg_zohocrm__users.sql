{{ zohocrm_staging(source('zohocrm_metadata', 'users'), [
  ['id', 'id', 'string'],
  ['full_name', 'full_name', 'string'],
  ['email', 'email', 'string'],
  ['status', 'status', 'string'],
  ['profile', 'profile_id', 'string', 'id'],
  ['profile', 'profile_name', 'string', 'name'],
  ['role', 'role_id', 'string', 'id'],
  ['role', 'role_name', 'string', 'name'],
]) }}
