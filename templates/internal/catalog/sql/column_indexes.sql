SELECT c.relname, pg_catalog.pg_get_indexdef(i.indexrelid), i.indisunique,
       coalesce(pg_catalog.obj_description(i.indexrelid, 'pg_class'), ''), i.indisclustered, i.indisreplident,
       c.reltablespace <> 0 OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0),
       pg_catalog.pg_get_indexdef(i.indexrelid) LIKE '% NULLS NOT DISTINCT%',
       (SELECT string_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, true), ', ' ORDER BY n) FROM generate_series(1, i.indnkeyatts) AS n), i.indnkeyatts,
       coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid, true), ''), i.indisvalid,
       k.oid IS NOT NULL,
       CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END,
       coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), '')
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  LEFT JOIN pg_catalog.pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype = 'u'
 WHERE i.indrelid = $1
   AND EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = i.indrelid AND a.attname = $2
                  AND (a.attnum = ANY (i.indkey::int2[]) -- of a constraint the index depends on that alone
                       OR EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                                   WHERE d.objid = i.indexrelid AND d.classid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)))
 ORDER BY i.indexrelid
