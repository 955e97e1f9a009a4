-- Reads all foreign keys. What of them to_jsonb tells is not in every version.
SELECT k.conname, c.oid, pg_catalog.format('%I.%I', cn.nspname, c.relname), c.relname, f.names, f.types,
       p.oid, pg_catalog.format('%I.%I', pn.nspname, p.relname), p.relname, i.names,
       CASE k.confupdtype WHEN 'c' THEN ' ON UPDATE CASCADE' WHEN 'n' THEN ' ON UPDATE SET NULL' WHEN 'd' THEN ' ON UPDATE SET DEFAULT' WHEN 'r' THEN ' ON UPDATE RESTRICT' ELSE '' END,
       CASE k.confdeltype WHEN 'c' THEN ' ON DELETE CASCADE' WHEN 'n' THEN ' ON DELETE SET NULL' WHEN 'd' THEN ' ON DELETE SET DEFAULT' WHEN 'r' THEN ' ON DELETE RESTRICT' ELSE '' END,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.jsonb_array_elements_text(CASE WHEN j.k -> 'confdelsetcols' <> 'null'::jsonb THEN j.k -> 'confdelsetcols' ELSE '[]'::jsonb END) AS x (n)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = x.n::int2),
       k.convalidated, coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), ''),
       CASE WHEN k.condeferrable THEN 'is DEFERRABLE' WHEN k.confmatchtype = 'f' THEN 'is MATCH FULL'
            WHEN NOT coalesce((j.k ->> 'conenforced')::boolean, true) THEN 'is NOT ENFORCED' WHEN coalesce((j.k ->> 'conperiod')::boolean, false) THEN 'is over a PERIOD'
            WHEN c.relkind = 'p' OR c.relispartition THEN 'is of a partitioned table' WHEN p.relkind = 'p' OR p.relispartition THEN 'refers to a partitioned table'
            ELSE '' END
  FROM pg_catalog.pg_constraint AS k
 CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(k)) AS j (k)
  JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
  JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid
  JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
 CROSS JOIN LATERAL (SELECT array_agg(a.attname::text ORDER BY x.n), array_agg(pg_catalog.format_type(a.atttypid, NULL) ORDER BY x.n)
                       FROM unnest(k.conkey) WITH ORDINALITY AS x (attnum, n)
                       JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = x.attnum) AS f (names, types)
 CROSS JOIN LATERAL (SELECT array_agg(a.attname::text ORDER BY x.n)
                       FROM unnest(k.confkey) WITH ORDINALITY AS x (attnum, n)
                       JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.oid AND a.attnum = x.attnum) AS i (names)
 WHERE k.contype = 'f'
   AND k.conparentid = 0
 ORDER BY 3, 1
