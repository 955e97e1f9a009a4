-- Indexes ($1) whose expressions or conditions name the type, that lie on a
-- column that is rebuilt ($2, as table:number), or on a view that is ($3).
-- Plain ones are rebuilt by ALTER TABLE itself, but for those ($4) of partitions
-- that have something of their own, and of their roots: it forgets that. The
-- root's comes last, and takes those that are there as its partitions.
SELECT i.indexrelid, i.indrelid, pg_catalog.format('%I.%I', n.nspname, x.relname), pg_catalog.format('%I.%I', tn.nspname, t.relname),
       pg_catalog.quote_ident(x.relname), pg_catalog.pg_get_indexdef(i.indexrelid, 0, true),
       x.relispartition, coalesce(pg_catalog.pg_partition_root(x.oid)::oid, x.oid),
       coalesce(pg_catalog.obj_description(i.indexrelid, 'pg_class'), ''),
       i.indisclustered, i.indisreplident,
       coalesce((SELECT spcname FROM pg_catalog.pg_tablespace WHERE oid = x.reltablespace), ''),
       ARRAY(SELECT pg_catalog.format('%s SET STATISTICS %s', a.attnum, a.attstattarget)
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0
              ORDER BY a.attnum)
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
 WHERE i.indexrelid = ANY ($1)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
   AND (i.indexrelid = ANY ($4)
        OR NOT x.relispartition
           AND (i.indexprs IS NOT NULL
                OR i.indpred IS NOT NULL
                OR i.indrelid = ANY ($3)
                OR EXISTS (SELECT FROM unnest(i.indkey::int2[]) AS a (n) WHERE i.indrelid || ':' || a.n = ANY ($2))))
 ORDER BY (SELECT count(*) FROM pg_catalog.pg_partition_ancestors(x.oid)) DESC, 4, 3
