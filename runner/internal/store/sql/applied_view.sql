CREATE OR REPLACE VIEW :"schema".applied AS
SELECT version, name, state, up_checksum, down_checksum,
       :{has_up_sql} AS has_up_sql,
       :{has_down_sql} AS has_down_sql,
       applied_by, applied_at, duration, run, rung_version, plan_hash, adopted_from, scope
  FROM :"schema".migrations;
COMMENT ON VIEW :"schema".applied IS 'migrations without the SQL texts, which may hold passwords: what a monitoring role may read';
