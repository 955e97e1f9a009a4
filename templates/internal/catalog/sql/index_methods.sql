-- The index methods.
SELECT amname FROM pg_catalog.pg_am WHERE amtype = 'i' ORDER BY amname
