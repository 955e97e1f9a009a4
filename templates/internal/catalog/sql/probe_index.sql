-- The index of the probe, as the server writes it.
SELECT pg_catalog.pg_get_indexdef('pg_temp.rung_probe_index'::regclass)
