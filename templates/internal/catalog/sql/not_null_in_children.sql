-- Before 18, the children of a table ($1) in which a column ($2) is NOT NULL by itself.
WITH RECURSIVE child (oid) AS (
    SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = $1
     UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN child AS h ON i.inhparent = h.oid
)
SELECT h.oid::regclass::text
  FROM child AS h
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.oid AND a.attname = $2 AND a.attnotnull
 WHERE current_setting('server_version_num')::int < 180000
 ORDER BY 1
