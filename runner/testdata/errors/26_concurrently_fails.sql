-- before: CREATE TABLE t (id int);
-- before: INSERT INTO t VALUES (1), (1);
CREATE UNIQUE INDEX CONCURRENTLY i ON t (id);
