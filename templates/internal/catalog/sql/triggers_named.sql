-- Which of the names ($2) a trigger of a table ($1) has.
SELECT tgname FROM pg_catalog.pg_trigger WHERE tgrelid = $1 AND tgname = ANY ($2)
