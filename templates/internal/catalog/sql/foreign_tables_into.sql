-- The tables to which foreign keys of a table ($1) on a column ($2) refer.
SELECT DISTINCT confrelid::regclass::text FROM pg_catalog.pg_constraint
 WHERE conrelid = $1 AND contype = 'f' AND $2::int2 = ANY (conkey) AND confrelid <> conrelid ORDER BY 1
