-- Triggers and rules of a table ($1), and triggers of its partitions, that an
-- UPDATE would fire, with how they are enabled; but for those that are dropped
-- at that time ($2 and $3).
WITH RECURSIVE family (oid) AS (
    SELECT $1::oid
     UNION
    SELECT h.inhrelid
      FROM family AS f
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
),
dropped (oid) AS (
    SELECT unnest($2::oid[])
     UNION
    SELECT t.oid
      FROM dropped AS d
      JOIN pg_catalog.pg_trigger AS t ON t.tgparentid = d.oid
)
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.format('%s %I', x.kind, x.name), x.state
  FROM (SELECT 'TRIGGER', t.tgname, t.tgrelid, t.tgenabled
          FROM pg_catalog.pg_trigger AS t
         WHERE (NOT t.tgisinternal OR t.tgparentid <> 0 AND t.tgconstrrelid = 0) -- before PostgreSQL 15 copies are internal
           AND t.tgtype & 16 <> 0
           AND t.oid NOT IN (SELECT oid FROM dropped)
         UNION ALL
        SELECT 'RULE', r.rulename, r.ev_class, r.ev_enabled
          FROM pg_catalog.pg_rewrite AS r
         WHERE r.ev_class = $1
           AND r.ev_type = '2'
           AND r.oid <> ALL ($3)) AS x (kind, name, relation, state)
  JOIN family AS f ON f.oid = x.relation
  JOIN pg_catalog.pg_class AS c ON c.oid = f.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE x.state <> 'D'
 ORDER BY f.oid <> $1, 1, 2
