-- Triggers of a table ($1) that may change a row before it is written; they
-- fire in the order of their names.
SELECT tgname
  FROM pg_catalog.pg_trigger
 WHERE tgrelid = $1
   AND NOT tgisinternal
   AND tgtype & 3 = 3
   AND tgtype & 20 <> 0
 ORDER BY 1
