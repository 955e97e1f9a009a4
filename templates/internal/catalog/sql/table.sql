-- A table ($1); $2 is the schema in which new objects come.
SELECT c.oid, n.nspname, c.relname, c.relkind = 'p', c.relispartition,
       c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = c.oid),
       c.relrowsecurity, c.relrowsecurity AND c.relforcerowsecurity, pg_catalog.pg_has_role(c.relowner, 'USAGE'), pg_catalog.pg_get_userbyid(c.relowner),
       n.nspname IS DISTINCT FROM $2,
       size.rows, size.bytes,
       coalesce((SELECT array_agg(a.attname::text ORDER BY k.n)
                   FROM (SELECT i.indexrelid, i.indkey FROM pg_catalog.pg_index AS i
                          WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                            AND (i.indisprimary OR i.indnkeyatts <= 2)
                            AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                                             WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull)
                          ORDER BY i.indnkeyatts <= 2 DESC, i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1) AS i
                  CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
                  WHERE k.n <= (SELECT x.indnkeyatts FROM pg_catalog.pg_index AS x WHERE x.indexrelid = i.indexrelid)), '{}')
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (:size) AS size
 WHERE c.oid = $1 AND c.relkind IN ('r', 'p')
