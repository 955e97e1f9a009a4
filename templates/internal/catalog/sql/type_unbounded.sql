-- A type ($2, named $1) without its length, where a cast to it cuts what is longer.
WITH RECURSIVE made (of, brackets) AS (
    SELECT $2::oid, ''
     UNION ALL
    SELECT x.of, m.brackets || x.brackets
      FROM made AS m
      JOIN pg_catalog.pg_type AS t ON t.oid = m.of
     CROSS JOIN LATERAL (VALUES (t.typbasetype, ''), (CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END, '[]')) AS x (of, brackets)
     WHERE x.of <> 0
       AND NOT (t.typbasetype <> 0 AND x.brackets <> '')
)
SELECT coalesce((SELECT n.plain || m.brackets
                   FROM made AS m
                   JOIN (VALUES ('varchar'::regtype, 'varchar'), ('bpchar', 'text'), ('bit', 'varbit'), ('varbit', 'varbit')) AS n (typ, plain) ON n.typ = m.of), $1)
