CREATE OR REPLACE VIEW :"schema".applied AS
SELECT version, name, state, up_checksum, down_checksum, up_sql IS NOT NULL AS has_up_sql, down_sql IS NOT NULL AS has_down_sql,
       applied_by, applied_at, duration, run, rung_version, plan_hash, adopted_from, scope
  FROM :"schema".migrations;
COMMENT ON VIEW :"schema".applied IS 'migrations without the SQL texts, which may hold passwords: what a monitoring role may read';
