-- Constraints ($1) that do not survive a change of type, as SQL. CHECKs and
-- foreign keys that come from a parent go and come with it. A CHECK that a child
-- has of its own too comes before its parent's, and so do keys of partitions
-- that are not as their parent's makes them ($3, with the root's). Copies of a
-- foreign key get back the names and comments of their own.
-- $2: generated columns that are rebuilt, as table:number.
WITH RECURSIVE line (child, ancestor) AS (
    SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits
     UNION
    SELECT l.child, h.inhparent
      FROM line AS l
      JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = l.ancestor
), copies (oid, conrelid, root) AS (
    -- Of a foreign key, those on partitions; where the other side has partitions there are more, on the same table.
    SELECT oid, conrelid, oid
      FROM pg_catalog.pg_constraint
     WHERE oid = ANY ($1)
       AND contype = 'f'
     UNION ALL
    SELECT h.oid, h.conrelid, c.root
      FROM copies AS c
      JOIN pg_catalog.pg_constraint AS h ON h.conparentid = c.oid AND h.conrelid <> c.conrelid
)
SELECT k.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(k.conname), k.contype,
       pg_catalog.pg_get_constraintdef(k.oid, true),
       coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), ''),
       coalesce(i.indisclustered, false), coalesce(i.indisreplident, false),
       coalesce(k.confrelid::regclass::text, ''),
       coalesce(pg_catalog.obj_description(k.conindid, 'pg_class'), ''),
       coalesce(x.relkind = 'I', false),
       coalesce(x.relispartition, false), coalesce(pg_catalog.pg_partition_root(x.oid)::oid, x.oid, 0),
       coalesce((SELECT string_agg(pg_catalog.format('%s = %L', o.option_name, o.option_value), ', ')
                   FROM pg_catalog.pg_options_to_table(x.reloptions) AS o), ''),
       coalesce((SELECT spcname FROM pg_catalog.pg_tablespace WHERE oid = x.reltablespace), ''),
       ARRAY(SELECT s.said
               FROM line AS l
               JOIN pg_catalog.pg_constraint AS h ON h.conrelid = l.child AND h.conname = k.conname AND NOT h.conislocal
              CROSS JOIN LATERAL (VALUES
                       (CASE WHEN h.convalidated AND NOT k.convalidated THEN pg_catalog.format(E'ALTER TABLE %s\n    VALIDATE CONSTRAINT %I', h.conrelid::regclass, h.conname) END),
                       (pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS ', h.conname, h.conrelid::regclass) || pg_catalog.quote_literal(pg_catalog.obj_description(h.oid, 'pg_constraint')))) AS s (said)
              WHERE l.ancestor = k.conrelid
                AND k.contype = 'c'
                AND s.said IS NOT NULL
              UNION ALL
             SELECT s.said
               FROM copies AS y
               JOIN pg_catalog.pg_constraint AS h ON h.oid = y.oid AND h.oid <> k.oid
              CROSS JOIN LATERAL (VALUES
                       (CASE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS o WHERE o.conrelid = h.conrelid AND o.conname = k.conname)
                             THEN pg_catalog.format(E'ALTER TABLE %s\n    RENAME CONSTRAINT %I TO %I', h.conrelid::regclass, k.conname, h.conname) END),
                       (pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS ', h.conname, h.conrelid::regclass) || pg_catalog.quote_literal(pg_catalog.obj_description(h.oid, 'pg_constraint')))) AS s (said)
              WHERE y.root = k.oid
                AND s.said IS NOT NULL
              ORDER BY 1)
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
  LEFT JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
 CROSS JOIN LATERAL (SELECT count(*) FROM line AS l WHERE l.child = c.oid) AS depth (n)
 WHERE k.oid = ANY ($1)
   AND (k.contype IN ('c', 'f')
        AND k.conparentid = 0
        AND (k.conislocal OR k.coninhcount = 0)
        OR x.oid = ANY ($3)
        OR NOT x.relispartition
           AND (i.indexprs IS NOT NULL
                OR i.indpred IS NOT NULL
                OR EXISTS (SELECT FROM unnest(k.conkey) AS a (n) WHERE k.conrelid || ':' || a.n = ANY ($2))))
 ORDER BY k.contype, depth.n DESC, 2, 3
