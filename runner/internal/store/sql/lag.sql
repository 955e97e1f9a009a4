:trusted_path
SELECT pg_catalog.pg_current_wal_lsn() - '0/0'::pg_lsn,
       pg_catalog.min(replay_lsn) FILTER (WHERE state IN ('streaming', 'catchup')) - '0/0'::pg_lsn,
       coalesce(pg_catalog.bool_or(state IS NULL), false),
       pg_catalog.clock_timestamp()
  FROM pg_catalog.pg_stat_replication;
