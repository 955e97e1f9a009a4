(WITH RECURSIVE tree (oid) AS (
         SELECT pg_catalog.to_regclass(:'table')::pg_catalog.oid
          UNION
         SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) tree.oid)
       SELECT pg_catalog.sum(pg_catalog.pg_relation_size(tree.oid) OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8)::pg_catalog.float8 FROM tree)