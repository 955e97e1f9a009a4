-- The enum types that there are, as they would be typed.
SELECT pg_catalog.format_type(t.oid, NULL)
  FROM pg_catalog.pg_type AS t
 WHERE t.typtype = 'e'
 ORDER BY 1
