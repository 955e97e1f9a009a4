-- Who may do what with each table, view, sequence and function, and what is said of it.
SELECT x.kind, x.name, x.oid::pg_catalog.int8, x.owner, x.comment, x.grants
  FROM (SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'table' END,
               n.nspname || '.' || c.relname, c.oid, pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text,
               COALESCE(pg_catalog.obj_description(c.oid, 'pg_class'), ''),
               COALESCE(ARRAY(SELECT a::pg_catalog.text FROM unnest(c.relacl) AS a ORDER BY 1), '{}')
          FROM pg_catalog.pg_class AS c
          JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
         UNION ALL
        SELECT 'function', p.oid::pg_catalog.regprocedure::pg_catalog.text, p.oid, pg_catalog.pg_get_userbyid(p.proowner)::pg_catalog.text,
               COALESCE(pg_catalog.obj_description(p.oid, 'pg_proc'), ''),
               COALESCE(ARRAY(SELECT a::pg_catalog.text FROM unnest(p.proacl) AS a ORDER BY 1), '{}')
          FROM pg_catalog.pg_proc AS p) AS x (kind, name, oid, owner, comment, grants)
 WHERE x.oid::pg_catalog.int8 OPERATOR(pg_catalog.>=) 16384
