-- Tables of publications ($1) with a column list.
SELECT r.oid, r.prrelid, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(p.pubname),
       coalesce((SELECT string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY k.n)
                   FROM unnest(r.prattrs::int2[]) WITH ORDINALITY AS k (attnum, n)
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.prrelid AND a.attnum = k.attnum), ''),
       coalesce(pg_catalog.pg_get_expr(r.prqual, r.prrelid, true), '')
  FROM pg_catalog.pg_publication_rel AS r
  JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
  JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE r.oid = ANY ($1)
 ORDER BY 4, 3
