-- Triggers of a table ($1) that an UPDATE would fire, with how they are enabled.
SELECT pg_catalog.quote_ident(t.tgname), t.tgenabled
  FROM pg_catalog.pg_trigger AS t
 WHERE t.tgrelid = $1
   AND NOT t.tgisinternal
   AND t.tgparentid = 0
   AND t.tgenabled <> 'D'
   AND t.tgtype & 16 <> 0
 ORDER BY 1
