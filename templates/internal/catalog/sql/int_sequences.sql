-- Reads the sequences that a column ($2) of a table ($1) owns or has in its default.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, NULL),
       CASE WHEN o.deptype = 'i' THEN CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' ELSE '' END ELSE '' END,
       o.deptype IS NOT NULL,
       pg_catalog.format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s %s', s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, w.cycle),
       pg_catalog.format('START WITH %s INCREMENT BY %s %s%sCACHE %s %s', s.seqstart, s.seqincrement,
                         CASE WHEN s.seqmin NOT IN (l.least, 1) THEN 'MINVALUE ' || s.seqmin || ' ' ELSE '' END,
                         CASE WHEN s.seqmax NOT IN (l.most, -1) THEN 'MAXVALUE ' || s.seqmax || ' ' ELSE '' END, s.seqcache, w.cycle),
       ARRAY(SELECT pg_catalog.format('GRANT %s ON SEQUENCE %I.%I TO %s%s', g.privilege_type, n.nspname, c.relname,
                                      CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END,
                                      CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
               FROM pg_catalog.aclexplode(c.relacl) AS g
              WHERE g.grantee <> c.relowner
              ORDER BY 1),
       coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '')
  FROM pg_catalog.pg_sequence AS s
 CROSS JOIN LATERAL (SELECT CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END) AS w (cycle)
 CROSS JOIN LATERAL (SELECT CASE s.seqtypid WHEN 'int2'::regtype THEN -32768 WHEN 'int4'::regtype THEN -2147483648 ELSE -9223372036854775808 END,
                            CASE s.seqtypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END) AS l (least, most)
  JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = $1 AND a.attnum = $2
  LEFT JOIN pg_catalog.pg_depend AS o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.refclassid = 'pg_class'::regclass
   AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i')
 WHERE o.deptype IS NOT NULL
    OR EXISTS (SELECT
                 FROM pg_catalog.pg_attrdef AS d
                 JOIN pg_catalog.pg_depend AS x ON x.classid = 'pg_attrdef'::regclass AND x.objid = d.oid AND x.refclassid = 'pg_class'::regclass AND x.refobjid = c.oid
                WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum)
 ORDER BY 1
