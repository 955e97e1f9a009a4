SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('lock_timeout'), pg_catalog.current_setting('statement_timeout');
