-- Publications that carry one of some tables ($1), or a partition or child of one.
WITH RECURSIVE family (oid) AS (
    SELECT t.oid
      FROM unnest($1::oid[]) AS t (oid)
     UNION
    SELECT h.inhrelid
      FROM family AS f
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
)
SELECT DISTINCT pg_catalog.quote_ident(p.pubname)
  FROM family AS f
  JOIN pg_catalog.pg_class AS c ON c.oid = f.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_publication_tables AS p ON (p.schemaname, p.tablename) = (n.nspname, c.relname)
 ORDER BY 1
