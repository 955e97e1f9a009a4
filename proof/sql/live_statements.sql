-- The statements of this database that are called most, and how often a second
-- since they are counted, as (query, per second). SCHEMA is the extension's.
SELECT s.query, s.calls::pg_catalog.float8 OPERATOR(pg_catalog./) GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) i.stats_reset)::pg_catalog.float8, 1)
  FROM SCHEMA.pg_stat_statements AS s
 CROSS JOIN SCHEMA.pg_stat_statements_info AS i
 WHERE s.dbid OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
   AND s.query IS NOT NULL
 ORDER BY s.calls DESC
 LIMIT 1000
