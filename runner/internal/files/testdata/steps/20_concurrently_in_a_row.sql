CREATE INDEX CONCURRENTLY i ON t (a);
create unique index concurrently j on t (b) where c > 0;
DROP INDEX CONCURRENTLY IF EXISTS k;
REINDEX (VERBOSE) TABLE CONCURRENTLY t;
