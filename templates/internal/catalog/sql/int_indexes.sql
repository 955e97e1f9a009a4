-- Reads the indexes of a table ($1), and of its partitions, with one of some columns ($2) in
-- them; the last columns say whose each is, and of which one it is a part.
SELECT c.relname, pg_catalog.pg_get_indexdef(i.indexrelid), i.indisunique, CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' ELSE '' END,
       coalesce(pg_catalog.obj_description(i.indexrelid, 'pg_class'), ''), coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), ''),
       i.indisclustered, i.indisreplident,
       CASE WHEN NOT i.indisvalid THEN 'is invalid: its build failed' WHEN i.indisexclusion THEN 'is an exclusion constraint'
            WHEN coalesce(k.condeferrable, false) THEN 'is a DEFERRABLE constraint' ELSE '' END,
       coalesce((SELECT spcname FROM pg_catalog.pg_tablespace WHERE oid = c.reltablespace), ''),
       ARRAY(SELECT pg_catalog.format('%s SET STATISTICS %s', a.attnum, a.attstattarget) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0 ORDER BY a.attnum),
       n.nspname, pg_catalog.format('%I.%I', n.nspname, t.relname), c.relkind = 'I', c.oid, coalesce(h.inhparent, 0)
  FROM (SELECT $1::oid UNION SELECT relid FROM pg_catalog.pg_partition_tree($1::oid::regclass)) AS own (oid)
  JOIN pg_catalog.pg_class AS t ON t.oid = own.oid
  JOIN pg_catalog.pg_index AS i ON i.indrelid = t.oid
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
  LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = c.oid
  LEFT JOIN pg_catalog.pg_constraint AS k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
 WHERE EXISTS (SELECT
                 FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = i.indrelid AND a.attname = ANY ($2)
                  AND (a.attnum = ANY (i.indkey::int2[])
                       OR EXISTS (SELECT
                                    FROM pg_catalog.pg_depend AS d
                                   WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                     AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)))
 ORDER BY i.indexrelid
