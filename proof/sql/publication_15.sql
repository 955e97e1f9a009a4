UNION ALL
SELECT 'publication', quote_ident(pubname), '', jsonb_strip_nulls(to_jsonb(p) - ARRAY['oid', 'pubname', 'pubowner'] || jsonb_build_object(
           'owner', pg_get_userbyid(pubowner),
           'tables', (SELECT jsonb_agg(prrelid::regclass || coalesce((SELECT ' (' || string_agg(attname, ', ' ORDER BY attnum) || ')' FROM pg_attribute WHERE attrelid = prrelid AND attnum = ANY (prattrs)), '')
                                       || coalesce(' where ' || pg_get_expr(prqual, prrelid), '') ORDER BY prrelid::regclass::text)
                        FROM pg_publication_rel WHERE prpubid = p.oid),
           'schemas', (SELECT jsonb_agg(pnnspid::regnamespace::text ORDER BY pnnspid::regnamespace::text) FROM pg_publication_namespace WHERE pnpubid = p.oid)))::text
  FROM pg_publication AS p
