BEGIN READ ONLY;
:set_role
:{limits}
:{session}
SELECT (pg_catalog.count(*) OPERATOR(pg_catalog.*) 100::pg_catalog.int8 OPERATOR(pg_catalog./) :{percent}::pg_catalog.float8)::pg_catalog.int8
  FROM :{table} TABLESAMPLE pg_catalog.system (:{percent});
ROLLBACK;
