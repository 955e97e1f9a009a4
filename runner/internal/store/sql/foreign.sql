WITH trusted AS (
  SELECT r.oid
    FROM pg_catalog.pg_roles AS r
   WHERE r.rolsuper OR r.rolname IN (current_user, session_user, 'pg_database_owner')
      OR r.oid = (SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
), home AS (
  SELECT oid, nspname, nspowner FROM pg_catalog.pg_namespace WHERE nspname = :'schema_name'
), history AS (
  SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relhasrules, c.relowner, pg_catalog.format('%I.%I', h.nspname, c.relname) AS name
    FROM home AS h
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = h.oid AND c.relname = ANY (:'history_tables')
)
-- Who owns it can put something else in its place. A role that may only read runs
-- nothing of it, and may read what another role owns.
SELECT pg_catalog.format('schema %I belongs to role %I', nspname, pg_catalog.pg_get_userbyid(nspowner)), pg_catalog.pg_get_userbyid(nspowner)
  FROM home
 WHERE nspowner NOT IN (SELECT oid FROM trusted) AND pg_catalog.has_schema_privilege(oid, 'CREATE')
UNION ALL
SELECT pg_catalog.format('%s belongs to role %I', name, pg_catalog.pg_get_userbyid(relowner)), pg_catalog.pg_get_userbyid(relowner)
  FROM history
 WHERE relowner NOT IN (SELECT oid FROM trusted)
   AND (pg_catalog.has_table_privilege(oid, 'INSERT, UPDATE, DELETE') OR pg_catalog.has_any_column_privilege(oid, 'INSERT, UPDATE'))
UNION ALL
SELECT name || CASE relkind WHEN 'v' THEN ' is a view' WHEN 'm' THEN ' is a materialized view' WHEN 'f' THEN ' is a foreign table'
                            WHEN 'p' THEN ' is a partitioned table' WHEN 'r' THEN ' is a table' ELSE ' is no table' END, NULL
  FROM history
 WHERE relkind <> CASE relname WHEN 'applied' THEN 'v' ELSE 'r' END
UNION ALL
SELECT pg_catalog.format('%s inherits from %s', i.inhrelid::pg_catalog.regclass, i.inhparent::pg_catalog.regclass), NULL
  FROM pg_catalog.pg_inherits AS i
 WHERE i.inhrelid IN (SELECT oid FROM history) OR i.inhparent IN (SELECT oid FROM history)
UNION ALL
SELECT pg_catalog.format('%s has the rule %I', h.name, r.rulename), NULL
  FROM history AS h
  JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = h.oid
 WHERE h.relhasrules AND h.relkind = 'r'
UNION ALL
SELECT pg_catalog.format('%s has the trigger %I', h.name, t.tgname), NULL
  FROM history AS h
  JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = h.oid
  JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
 WHERE NOT t.tgisinternal
   AND (p.pronamespace NOT IN (SELECT oid FROM home) OR p.proowner <> h.relowner AND p.proowner NOT IN (SELECT oid FROM trusted))
UNION ALL
SELECT pg_catalog.format('%s has the constraint %I', k.conrelid::pg_catalog.regclass, k.conname), NULL
  FROM pg_catalog.pg_constraint AS k
 WHERE k.confrelid IN (SELECT oid FROM history) AND k.conrelid NOT IN (SELECT oid FROM history)
    OR k.contype = 'x' AND k.conrelid IN (SELECT oid FROM history)
UNION ALL
SELECT pg_catalog.format('column %I of %s is generated, or of a type that is not PostgreSQL''s own', a.attname, h.name), NULL
  FROM history AS h
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE a.attgenerated <> '' OR a.atttypid >= 16384
UNION ALL
-- Defaults, checks, policies, indexes and the view; what is PostgreSQL's own is below 16384.
SELECT DISTINCT pg_catalog.format('%s: %s uses %s', h.name, pg_catalog.pg_describe_object(d.classid, d.objid, 0),
                                  pg_catalog.pg_describe_object(u.refclassid, u.refobjid, 0)), NULL
  FROM history AS h
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = h.oid AND d.deptype IN ('a', 'i')
  JOIN pg_catalog.pg_depend AS u ON u.classid = d.classid AND u.objid = d.objid
                                AND u.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass,
                                                     'pg_catalog.pg_opclass'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
                                AND u.refobjid >= 16384
 WHERE d.classid IN ('pg_catalog.pg_attrdef'::pg_catalog.regclass, 'pg_catalog.pg_constraint'::pg_catalog.regclass,
                     'pg_catalog.pg_policy'::pg_catalog.regclass, 'pg_catalog.pg_class'::pg_catalog.regclass)
    OR d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND h.relkind = 'v'
