-- What this server is in its cluster, and what there is of rung's reference table.
SELECT (SELECT groupid FROM pg_catalog.pg_dist_local_group),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_dist_node),
       pg_catalog.current_setting('citus.propagate_set_commands'),
       CASE WHEN c.oid IS NULL THEN 'missing'
            WHEN c.relkind OPERATOR(pg_catalog.<>) 'r' OR c.relhasrules
              OR EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid AND NOT t.tgisinternal)
              OR NOT pg_catalog.pg_has_role(session_user, c.relowner, 'MEMBER') THEN 'foreign'
            WHEN p.partmethod OPERATOR(pg_catalog.=) 'n' AND p.repmodel OPERATOR(pg_catalog.=) 't' THEN 'reference'
            ELSE 'local' END,
       (SELECT pg_catalog.count(*)
          FROM pg_catalog.pg_dist_shard AS s
          JOIN pg_catalog.pg_dist_placement AS l ON l.shardid OPERATOR(pg_catalog.=) s.shardid
         WHERE s.logicalrelid OPERATOR(pg_catalog.=) c.oid),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_dist_node AS d WHERE d.groupid OPERATOR(pg_catalog.=) 0)
  FROM (SELECT pg_catalog.to_regclass(:'table')::pg_catalog.oid AS oid) AS named
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) named.oid
  LEFT JOIN pg_catalog.pg_dist_partition AS p ON p.logicalrelid OPERATOR(pg_catalog.=) c.oid;
