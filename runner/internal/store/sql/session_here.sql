:trusted_path
SELECT pg_catalog.pg_backend_pid(),
       coalesce(pg_catalog.current_setting('rung.session', true), '') = :'nonce',
       EXISTS (SELECT FROM pg_catalog.pg_stat_activity
                WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid() AND backend_type = 'client backend'
                  AND pg_catalog.starts_with(query, :'mark' || '*/ ') AND extract(epoch FROM query_start) * 1000000 >= :'since'),
       (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint;
