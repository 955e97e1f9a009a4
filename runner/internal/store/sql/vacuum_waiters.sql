SELECT EXISTS (
         WITH RECURSIVE tree (oid) AS (
           SELECT pg_catalog.to_regclass(:'table')::oid
            UNION
           SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits AS i ON i.inhparent = tree.oid)
         SELECT FROM pg_catalog.pg_locks AS l
           JOIN tree ON tree.oid = l.relation
          WHERE l.locktype = 'relation' AND NOT l.granted
            AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()));
