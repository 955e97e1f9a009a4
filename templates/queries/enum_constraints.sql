-- Constraints ($1) that do not survive a change of type, as SQL. Those that
-- come from a parent go and come with it. $2: generated columns that are rebuilt,
-- as table:number.
SELECT k.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(k.conname), k.contype,
       pg_catalog.pg_get_constraintdef(k.oid, true), k.coninhcount > 0,
       coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), ''),
       coalesce(i.indisclustered, false), coalesce(i.indisreplident, false),
       coalesce(k.confrelid::regclass::text, ''),
       coalesce(pg_catalog.obj_description(k.conindid, 'pg_class'), '')
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
 WHERE k.oid = ANY ($1)
   AND k.conparentid = 0
   AND (k.conislocal OR k.coninhcount = 0)
   AND (k.contype IN ('c', 'f')
        OR i.indexprs IS NOT NULL
        OR i.indpred IS NOT NULL
        OR k.contype IN ('p', 'u', 'x')
           AND EXISTS (SELECT FROM unnest(k.conkey) AS a (n) WHERE k.conrelid || ':' || a.n = ANY ($2)))
 ORDER BY k.contype, 2, k.coninhcount, 3
