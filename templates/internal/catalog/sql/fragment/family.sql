-- :family is a table ($1) and those that have their columns from it, at whatever
-- distance.
family (oid) AS (
    SELECT $1::oid
     UNION
    SELECT h.inhrelid
      FROM family AS f
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
)
