-- Text that is no number ends the message. What is left is how many columns they have.
SELECT pg_catalog.sum(CASE WHEN c.relkind <> CASE c.relname WHEN 'applied' THEN 'v' ELSE 'r' END OR c.relhasrules AND c.relkind = 'r' OR c.relhassubclass OR c.relispartition OR c.relrowsecurity
                             OR pg_catalog.pg_get_userbyid(c.relowner) NOT IN (current_user, session_user)
                             OR pg_catalog.pg_get_userbyid(n.nspowner) NOT IN (current_user, session_user)
                           THEN c.relname::pg_catalog.text::pg_catalog.int4
                           ELSE (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END)
  FROM pg_catalog.pg_namespace AS n
  JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = ANY (:'history_tables')
 WHERE n.nspname = :'schema_name';
