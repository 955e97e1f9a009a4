-- The names of the constraints of a table ($1).
SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = $1
