SELECT pg_catalog.pg_current_wal_lsn() - '0/0'::pg_lsn,
       (SELECT pg_catalog.min(replay_lsn) - '0/0'::pg_lsn FROM pg_catalog.pg_stat_replication WHERE state IN ('streaming', 'catchup')),
       pg_catalog.clock_timestamp();
