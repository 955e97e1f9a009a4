-- Triggers and rules of a table ($1), and its partitions' own triggers, that an
-- UPDATE would fire, with how they are enabled; but for those that are dropped at
-- that time ($2 and $3). A trigger's copies go with it: the last column is what
-- to say of those that are enabled in another way.
WITH RECURSIVE :family,
named (oid, name) AS (
    SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname)
      FROM family AS f
      JOIN pg_catalog.pg_class AS c ON c.oid = f.oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
),
copy (root, oid, tgrelid, state, parents, depth) AS (
    SELECT t.oid, t.oid, t.tgrelid, t.tgenabled, t.tgenabled, 0
      FROM family AS f
      JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = f.oid
     WHERE NOT t.tgisinternal
       AND t.tgparentid = 0
       AND t.tgtype & 16 <> 0
       AND t.oid <> ALL ($2)
     UNION ALL
    SELECT c.root, t.oid, t.tgrelid, t.tgenabled, c.state, c.depth + 1
      FROM copy AS c
      JOIN pg_catalog.pg_trigger AS t ON t.tgparentid = c.oid
)
SELECT o.name, pg_catalog.format('TRIGGER %I', t.tgname), t.tgenabled,
       ARRAY(SELECT pg_catalog.format(E'ALTER TABLE %s\n    %s TRIGGER %I', p.name,
                                      CASE c.state WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END, t.tgname)
               FROM copy AS c
               JOIN named AS p ON p.oid = c.tgrelid
              WHERE c.root = t.oid AND c.state <> c.parents
              ORDER BY c.depth, 1)
  FROM pg_catalog.pg_trigger AS t
  JOIN named AS o ON o.oid = t.tgrelid
 WHERE EXISTS (SELECT FROM copy AS c WHERE c.root = t.oid AND c.state <> 'D')
 UNION ALL
SELECT o.name, pg_catalog.format('RULE %I', r.rulename), r.ev_enabled, '{}'
  FROM pg_catalog.pg_rewrite AS r
  JOIN named AS o ON o.oid = r.ev_class
 WHERE r.ev_class = $1
   AND r.ev_type = '2'
   AND r.ev_enabled <> 'D'
   AND r.oid <> ALL ($3)
 ORDER BY 1, 2
