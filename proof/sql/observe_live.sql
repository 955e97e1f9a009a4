-- Rows, bytes and traffic of tables by their names, those of partitions included.
SELECT w.asked,
       COALESCE(sum(CASE WHEN c.reltuples OPERATOR(pg_catalog.<) 0 THEN COALESCE(s.n_live_tup, 0)
                         ELSE GREATEST(c.reltuples::pg_catalog.int8, COALESCE(s.n_live_tup, 0)) END), 0)::pg_catalog.int8,
       COALESCE(sum(pg_catalog.pg_total_relation_size(c.oid)), 0)::pg_catalog.int8,
       array_agg(c.oid::pg_catalog.int8)
  FROM unnest(ARRAY[OIDS]::pg_catalog.int8[], ARRAY[TABLES]::pg_catalog.text[], ARRAY[SCHEMAS]::pg_catalog.text[]) AS w (asked, relation, nsp)
  JOIN pg_catalog.pg_namespace AS n ON n.nspname OPERATOR(pg_catalog.=) w.nsp
  JOIN pg_catalog.pg_class AS r ON r.relnamespace OPERATOR(pg_catalog.=) n.oid AND r.relname OPERATOR(pg_catalog.=) w.relation
 CROSS JOIN LATERAL (SELECT r.oid
                      UNION
                     SELECT t.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree(r.oid) AS t) AS p (oid)
  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) p.oid AND c.relkind IN ('r', 'm')
  LEFT JOIN pg_catalog.pg_stat_all_tables AS s ON s.relid OPERATOR(pg_catalog.=) c.oid
 GROUP BY w.asked
