-- Whether a schema ($1) is there, and the version of the server.
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1), pg_catalog.current_setting('server_version_num')::int
