-- The triggers of a table ($1) that call a function ($2).
SELECT g.tgname
  FROM pg_catalog.pg_trigger AS g
  JOIN pg_catalog.pg_proc AS p ON p.oid = g.tgfoid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 WHERE g.tgrelid = $1 AND n.nspname = $2 AND p.proname = $3 AND g.tgparentid = 0
 ORDER BY 1
