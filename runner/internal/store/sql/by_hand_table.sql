SELECT coalesce(pg_catalog.to_regclass(:'table')::pg_catalog.oid::pg_catalog.text, '') AS rung_table
\gset
ROLLBACK;
