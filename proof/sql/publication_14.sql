UNION ALL
SELECT 'publication', quote_ident(pubname), '', jsonb_strip_nulls(to_jsonb(p) - ARRAY['oid', 'pubname', 'pubowner'] || jsonb_build_object(
           'owner', pg_get_userbyid(pubowner),
           'tables', (SELECT jsonb_agg(prrelid::regclass::text ORDER BY prrelid::regclass::text) FROM pg_publication_rel WHERE prpubid = p.oid)))::text
  FROM pg_publication AS p
