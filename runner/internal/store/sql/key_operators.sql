SELECT pg_catalog.max(pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)) FILTER (WHERE p.amopstrategy (=) 5),
       pg_catalog.max(pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)) FILTER (WHERE p.amopstrategy (=) 2),
       pg_catalog.max(pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)) FILTER (WHERE p.amopstrategy (=) 4),
       coalesce(pg_catalog.bool_and(pg_catalog.pg_operator_is_visible(o.oid)), true)
  FROM (WITH RECURSIVE base (oid, over) AS (
          SELECT t.oid, t.typbasetype FROM pg_catalog.pg_type AS t WHERE t.oid (=) :{type}
          UNION ALL
          SELECT t.oid, t.typbasetype FROM base JOIN pg_catalog.pg_type AS t ON t.oid (=) base.over)
        SELECT base.oid FROM base WHERE base.over (=) 0) AS b
  JOIN pg_catalog.pg_opclass AS c ON c.opcintype (=) b.oid AND c.opcdefault
  JOIN pg_catalog.pg_am AS m ON m.oid (=) c.opcmethod AND m.amname (=) 'btree'
  JOIN pg_catalog.pg_amop AS p ON p.amopfamily (=) c.opcfamily AND p.amoplefttype (=) c.opcintype AND p.amoprighttype (=) c.opcintype
                              AND p.amopstrategy (=) ANY (ARRAY[2, 4, 5])
  JOIN pg_catalog.pg_operator AS o ON o.oid (=) p.amopopr
  JOIN pg_catalog.pg_namespace AS n ON n.oid (=) o.oprnamespace
