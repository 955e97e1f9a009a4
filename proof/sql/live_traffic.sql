-- What the counters of the user's tables say now, and when that is.
SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp())::pg_catalog.float8,
       s.relid::pg_catalog.int8,
       s.n_tup_ins + s.n_tup_upd + s.n_tup_del,
       s.seq_scan + COALESCE(s.idx_scan, 0)
  FROM pg_catalog.pg_stat_all_tables AS s
 WHERE s.relid::pg_catalog.int8 OPERATOR(pg_catalog.>=) 16384
