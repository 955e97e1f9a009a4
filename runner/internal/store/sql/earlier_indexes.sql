SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), i.indisvalid,
       pg_catalog.replace(pg_catalog.pg_get_indexdef(i.indexrelid), pg_catalog.format(' INDEX %I ON ', c.relname), ' INDEX ON ')
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid (=) i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid (=) c.relnamespace
 WHERE i.indrelid (=) :{table}
   AND (:'index'::pg_catalog.text IS NULL OR c.relname (=) :'index')
   AND NOT i.indexrelid (=) ANY (coalesce((SELECT prior_indexes
                                           FROM :"schema".steps
                                          WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) :'direction' AND step (=) :'step'), '{}'))
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid (=) i.indexrelid);
