SET lock_timeout TO DEFAULT;
DROP INDEX CONCURRENTLY IF EXISTS i;
ALTER TABLE t ADD c int;
SELECT set_config('search_path', 'app', false);
CREATE INDEX CONCURRENTLY i ON t (c);
RESET search_path;
VACUUM ANALYZE t;
