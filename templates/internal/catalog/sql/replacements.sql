-- Indexes ($1) that a second column needs too, with what CREATE INDEX does not
-- say of them, what a constraint says of itself, and whether the index has only
-- constants of the type ($2, or its array type $3) and no column of it.
SELECT n.nspname, t.relname, x.relname, i.indisunique, pg_catalog.pg_get_indexdef(i.indexrelid),
       k.oid IS NOT NULL,
       CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END,
       coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), ''),
       coalesce(pg_catalog.obj_description(i.indexrelid, 'pg_class'), ''),
       i.indisclustered, i.indisreplident,
       coalesce((SELECT spcname FROM pg_catalog.pg_tablespace WHERE oid = x.reltablespace), ''),
       ARRAY(SELECT pg_catalog.format('%s SET STATISTICS %s', a.attnum, a.attstattarget)
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0
              ORDER BY a.attnum),
       NOT EXISTS (SELECT
                     FROM pg_catalog.pg_depend AS d
                     JOIN pg_catalog.pg_attribute AS a ON d.refclassid = 'pg_catalog.pg_class'::regclass AND a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass
                      AND d.objid = i.indexrelid
                      AND a.atttypid IN ($2, $3))
           AND k.oid IS NULL
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
  LEFT JOIN pg_catalog.pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype = 'u'
 WHERE i.indexrelid = ANY ($1)
 ORDER BY 1, 2, 3
