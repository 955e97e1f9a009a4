-- Triggers ($1) that a person made. The copies that partitions have come by
-- themselves, but as their parent is enabled: the last column is what to say
-- where one is not, or has a comment.
WITH RECURSIVE copy (root, oid, tgrelid, state, parents, depth) AS (
    SELECT t.oid, t.oid, t.tgrelid, t.tgenabled, t.tgenabled, 0
      FROM pg_catalog.pg_trigger AS t
     WHERE t.oid = ANY ($1)
       AND t.tgparentid = 0
     UNION ALL
    SELECT c.root, t.oid, t.tgrelid, t.tgenabled, c.state, c.depth + 1
      FROM copy AS c
      JOIN pg_catalog.pg_trigger AS t ON t.tgparentid = c.oid
)
SELECT t.oid, t.tgrelid, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(t.tgname),
       pg_catalog.pg_get_triggerdef(t.oid, true), t.tgenabled, coalesce(pg_catalog.obj_description(t.oid, 'pg_trigger'), ''),
       ARRAY(SELECT pg_catalog.format(E'ALTER TABLE %I.%I\n    %s TRIGGER %I', pn.nspname, p.relname,
                                      CASE x.state WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END, t.tgname)
               FROM copy AS x
               JOIN pg_catalog.pg_class AS p ON p.oid = x.tgrelid
               JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
              WHERE x.root = t.oid AND x.state <> x.parents
              ORDER BY x.depth, 1)
       || ARRAY(SELECT pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, x.tgrelid::regclass, pg_catalog.obj_description(x.oid, 'pg_trigger'))
                  FROM copy AS x
                 WHERE x.root = t.oid AND x.depth > 0 AND pg_catalog.obj_description(x.oid, 'pg_trigger') IS NOT NULL
                 ORDER BY 1)
  FROM pg_catalog.pg_trigger AS t
  JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE t.oid = ANY ($1)
   AND NOT t.tgisinternal
   AND t.tgparentid = 0
 ORDER BY 3, 4
