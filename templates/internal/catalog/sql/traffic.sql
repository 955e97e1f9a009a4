-- How often a second a table ($1), with its partitions and children, was read or
-- written since the server's statistics began.
WITH RECURSIVE :family
SELECT coalesce(sum(s.seq_scan + coalesce(s.idx_scan, 0) + s.n_tup_ins + s.n_tup_upd + s.n_tup_del), 0)::float8
       / greatest(1, extract(epoch FROM now() - coalesce(min(d.stats_reset), pg_catalog.pg_postmaster_start_time())))::float8
  FROM family AS f
  LEFT JOIN pg_catalog.pg_stat_all_tables AS s ON s.relid = f.oid
 CROSS JOIN (SELECT stats_reset FROM pg_catalog.pg_stat_database WHERE datname = pg_catalog.current_database()) AS d
