SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid (=) i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid (=) c.relnamespace
 WHERE i.indrelid (=) :{table}
   AND c.relname (=) :'index'
   AND NOT i.indisvalid;
