-- The CHECK of the probe, as the server writes it.
SELECT pg_catalog.pg_get_constraintdef(oid, true) FROM pg_catalog.pg_constraint
 WHERE conrelid = 'pg_temp.rung_probe'::regclass AND conname = 'rung_probe_check'
