-- The tables whose foreign keys refer to a column ($2) of a table ($1).
SELECT DISTINCT conrelid::regclass::text FROM pg_catalog.pg_constraint
 WHERE confrelid = $1 AND contype = 'f' AND $2::int2 = ANY (confkey) AND confrelid <> conrelid AND conparentid = 0 ORDER BY 1
