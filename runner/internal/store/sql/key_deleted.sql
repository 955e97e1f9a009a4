(WITH RECURSIVE tree (oid) AS (
           SELECT pg_catalog.to_regclass(:'qualified')::pg_catalog.oid
            UNION
           SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) tree.oid)
         SELECT coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_deleted(tree.oid)), 0)::pg_catalog.int8 FROM tree)