-- The time zones.
SELECT name FROM pg_catalog.pg_timezone_names ORDER BY 1
