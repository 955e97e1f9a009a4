-- Indexes ($1) of partitions that are not as their parent's makes them: they have
-- a name, a comment or settings of their own. With each the index at its root,
-- and what makes it impossible to make them again, if anything does.
WITH part AS (
    SELECT x.oid, coalesce(pg_catalog.pg_partition_root(x.oid)::oid, x.oid) AS root, x.oid::regclass AS name, t.oid::regclass AS on_table, i.indisvalid,
           x.relispartition
           AND (x.relname <> t.relname || '_' || CASE k.contype WHEN 'p' THEN 'pkey'
                                                                ELSE (SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = x.oid)
                                                                     || CASE k.contype WHEN 'u' THEN '_key' ELSE '_idx' END
                                                END
                OR pg_catalog.obj_description(x.oid, 'pg_class') IS DISTINCT FROM pg_catalog.obj_description(p.oid, 'pg_class') -- ALTER TABLE hands the parent's on
                OR pg_catalog.obj_description(k.oid, 'pg_constraint') IS NOT NULL
                OR i.indisclustered
                OR i.indisreplident
                OR x.reloptions IS DISTINCT FROM p.reloptions
                OR x.reltablespace <> p.reltablespace
                OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = x.oid AND a.attstattarget >= 0)) AS own,
           x.relispartition AND k.conparentid = 0 AS alone,
           (SELECT min(o.indexrelid::regclass::text)
              FROM pg_catalog.pg_index AS o
              JOIN pg_catalog.pg_class AS ox ON ox.oid = o.indexrelid
             WHERE o.indrelid = i.indrelid
               AND x.relispartition
               AND NOT ox.relispartition
               AND (ox.relam, o.indisunique, o.indkey::text, o.indclass, o.indcollation) = (x.relam, i.indisunique, i.indkey::text, i.indclass, i.indcollation)
               AND (pg_catalog.pg_get_expr(o.indexprs, o.indrelid), pg_catalog.pg_get_expr(o.indpred, o.indrelid))
                   IS NOT DISTINCT FROM (pg_catalog.pg_get_expr(i.indexprs, i.indrelid), pg_catalog.pg_get_expr(i.indpred, i.indrelid))) AS same
      FROM pg_catalog.pg_class AS x
      JOIN pg_catalog.pg_index AS i ON i.indexrelid = x.oid
      JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
      LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = x.oid
      LEFT JOIN pg_catalog.pg_class AS p ON p.oid = h.inhparent
      LEFT JOIN pg_catalog.pg_constraint AS k ON k.conindid = x.oid AND k.contype IN ('p', 'u', 'x')
     WHERE x.oid = ANY ($1)
       AND (x.relispartition OR x.relkind = 'I')
)
SELECT oid, root,
       CASE WHEN NOT indisvalid THEN pg_catalog.format('the index %s is not there, or not valid, on every partition', name)
            WHEN alone THEN pg_catalog.format('the constraint %s of %s is a partition of an index that is no constraint', name, on_table)
            WHEN same IS NOT NULL THEN pg_catalog.format('%s has the index %s twice, as %s: PostgreSQL may take either for the parent''s', on_table, name, same)
            ELSE '' END
  FROM part
 WHERE own
    OR alone
    OR same IS NOT NULL
    OR NOT indisvalid
