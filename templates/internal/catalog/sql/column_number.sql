-- The number of a column ($2) of a table ($1).
SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attname = $2
