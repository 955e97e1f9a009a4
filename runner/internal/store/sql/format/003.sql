-- The first forms were made under the session's search_path, where another
-- role's operators may have got into these.
ALTER TABLE :"schema".migrations
  DROP CONSTRAINT IF EXISTS migrations_version_check, ADD CONSTRAINT migrations_version_check CHECK (version >= 0 AND version = pg_catalog.trunc(version)),
  DROP CONSTRAINT IF EXISTS migrations_state_check, ADD CONSTRAINT migrations_state_check CHECK (state IN ('applying', 'applied', 'reverting'));
ALTER TABLE :"schema".steps
  DROP CONSTRAINT IF EXISTS steps_direction_check, ADD CONSTRAINT steps_direction_check CHECK (direction IN ('up', 'down')),
  DROP CONSTRAINT IF EXISTS steps_state_check, ADD CONSTRAINT steps_state_check CHECK (state IN ('started', 'failed', 'done'));

UPDATE :"schema".format SET version = 3, upgraded_at = pg_catalog.now();
