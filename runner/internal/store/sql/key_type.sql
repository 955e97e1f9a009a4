pg_catalog.concat(pg_catalog.format_type(a.atttypid, a.atttypmod), (
         SELECT pg_catalog.concat(' COLLATE ', pg_catalog.quote_ident(l.collname), ' (' OPERATOR(pg_catalog.||) pg_catalog.substring(pg_catalog.concat_ws(', ', CASE
                  WHEN l.collprovider OPERATOR(pg_catalog.<>) 'd'::pg_catalog."char" THEN pg_catalog.pg_collation_actual_version(l.oid)
                  -- The database's own: what it was made with, and what there is now. Before 15 it does not
                  -- know of other providers than libc, nor its version.
                  ELSE (SELECT pg_catalog.concat_ws(', ', d.datcollate, d.was, (
                          SELECT pg_catalog.max(pg_catalog.pg_collation_actual_version(s.oid))
                            FROM pg_catalog.pg_collation AS s
                           WHERE s.collprovider OPERATOR(pg_catalog.=) d.provider
                             AND (s.collcollate OPERATOR(pg_catalog.=) d.datcollate OR d.provider OPERATOR(pg_catalog.=) 'i'::pg_catalog."char" AND s.collname OPERATOR(pg_catalog.=) 'und-x-icu'::pg_catalog.name)))
                          FROM (SELECT b.datcollate, pg_catalog.to_jsonb(b) OPERATOR(pg_catalog.->>) 'datcollversion'::pg_catalog.text AS was,
                                       coalesce(pg_catalog.to_jsonb(b) OPERATOR(pg_catalog.->>) 'datlocprovider'::pg_catalog.text, 'c')::pg_catalog."char" AS provider
                                  FROM pg_catalog.pg_database AS b
                                 WHERE b.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) AS d)
                END), '.+') OPERATOR(pg_catalog.||) ')')
           FROM pg_catalog.pg_collation AS l
          WHERE l.oid OPERATOR(pg_catalog.=) a.attcollation))