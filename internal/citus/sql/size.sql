-- Rows and bytes of a table on all nodes, with its indexes. -1 where a shard was never analyzed.
SELECT coalesce((SELECT CASE WHEN pg_catalog.bool_and(s.success) AND pg_catalog.min(s.result::pg_catalog.float8) OPERATOR(pg_catalog.>=) 0::pg_catalog.float8
                             THEN pg_catalog.sum(s.result::pg_catalog.float8) END
                   FROM pg_catalog.run_command_on_shards($1::pg_catalog.oid::pg_catalog.regclass, 'SELECT reltuples FROM pg_catalog.pg_class WHERE oid = ''%s''::pg_catalog.regclass') AS s), -1)::pg_catalog.int8,
       pg_catalog.citus_total_relation_size($1::pg_catalog.oid::pg_catalog.regclass)
