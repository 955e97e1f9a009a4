-- The files of the probe and of its indexes.
SELECT pg_catalog.pg_relation_filenode('pg_temp.rung_probe'::regclass), ARRAY(SELECT pg_catalog.pg_relation_filenode(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = 'pg_temp.rung_probe'::regclass ORDER BY 1)::text
