-- The constraint of a table ($1) with a name ($2).
SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = $1 AND conname = $2
