-- Lists the columns of integers that take their numbers from a sequence, with its last
-- number, and the days that it has left at the pace of the inserts since the statistics
-- were reset.
SELECT pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname), pg_catalog.format_type(a.atttypid, NULL), l.most,
       coalesce(q.last_value, 0),
       CASE WHEN s.n_tup_ins > 1000 AND d.stats_reset < pg_catalog.now() - '1 day'::interval
            THEN (l.most - coalesce(q.last_value, 0)) / (s.n_tup_ins / (EXTRACT(epoch FROM pg_catalog.now() - d.stats_reset)::float8 / 86400)) END,
       (SELECT count(*) FROM pg_catalog.pg_constraint AS f WHERE f.contype = 'f' AND f.confrelid = c.oid AND a.attnum = ANY (f.confkey) AND f.conparentid = 0)::int
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rung') AND n.nspname NOT LIKE 'pg\_%'
 CROSS JOIN LATERAL (SELECT CASE a.atttypid WHEN 'int2'::regtype THEN 32767 ELSE 2147483647 END::bigint) AS l (most)
  JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p' AND a.attnum = ANY (k.conkey)
 CROSS JOIN LATERAL (SELECT max(x.last_value) AS last_value, count(*) AS many
                       FROM pg_catalog.pg_sequences AS x
                       JOIN pg_catalog.pg_namespace AS xn ON xn.nspname = x.schemaname
                       JOIN pg_catalog.pg_class AS xc ON xc.relnamespace = xn.oid AND xc.relname = x.sequencename
                      WHERE EXISTS (SELECT FROM pg_catalog.pg_depend AS o
                                     WHERE o.classid = 'pg_class'::regclass AND o.objid = xc.oid AND o.refobjid = c.oid AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i'))
                         OR EXISTS (SELECT FROM pg_catalog.pg_attrdef AS e
                                      JOIN pg_catalog.pg_depend AS y ON y.classid = 'pg_attrdef'::regclass AND y.objid = e.oid AND y.refobjid = xc.oid
                                     WHERE e.adrelid = c.oid AND e.adnum = a.attnum)) AS q
  LEFT JOIN pg_catalog.pg_stat_user_tables AS s ON s.relid = c.oid
  LEFT JOIN pg_catalog.pg_stat_database AS d ON d.datname = pg_catalog.current_database()
 WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype)
   AND q.many > 0
 ORDER BY 1
