-- The size of a table in all of the cluster. citus_relation_size refuses one that is not distributed.
SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_dist_partition WHERE logicalrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(:'table'))
            THEN pg_catalog.citus_relation_size(:'table'::pg_catalog.regclass)
            ELSE pg_catalog.pg_relation_size(:'table'::pg_catalog.regclass) END
       OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8;
