BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
-- What the session begins with: its search_path too, so before that is ours.
SELECT :{start_settings};
:trusted_path
:set_role
SET LOCAL row_security = off;
-- Nothing of them is read before it is known whose they are: text that is no
-- number ends the message.
:gate
SELECT pg_catalog.max(version), pg_catalog.pg_backend_pid(),
       :{columns_there},
       :{scope_digest}
  FROM :"schema".format;
SELECT version, name, state, up_checksum, down_checksum, has_up_sql, has_down_sql,
       applied_by, applied_at, (extract(epoch FROM duration) * 1000000)::bigint, run, rung_version, plan_hash, adopted_from
  FROM :"schema".applied
 WHERE scope = :'scope'
 ORDER BY version;
:steps
COMMIT;
