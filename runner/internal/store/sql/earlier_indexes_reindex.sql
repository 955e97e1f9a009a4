SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), i.indisvalid, ''
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid (=) i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid (=) c.relnamespace
 WHERE NOT i.indisvalid
   AND c.relname (~) '_cc(new|old)[0-9]*$'
   AND pg_catalog.pg_has_role(c.relowner, 'MEMBER')
   AND NOT i.indexrelid (=) ANY (coalesce((SELECT prior_indexes
                                           FROM :"schema".steps
                                          WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) :'direction' AND step (=) :'step'), '{}'))
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid (=) i.indexrelid);
