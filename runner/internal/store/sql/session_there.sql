:trusted_path
SELECT pg_catalog.pg_backend_pid(),
       EXISTS (SELECT FROM pg_catalog.pg_stat_activity
                WHERE pid = :'pid' AND pid <> pg_catalog.pg_backend_pid() AND datname = pg_catalog.current_database());
