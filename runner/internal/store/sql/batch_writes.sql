-- What PostgreSQL has noted of each statement's rights: the columns that it updates.
SELECT coalesce(pg_catalog.min(p.proname::pg_catalog.text), '')
  FROM pg_catalog.pg_proc AS p
 CROSS JOIN LATERAL (
       SELECT t.kind, t.value, pg_catalog.lag(t.kind) OVER (ORDER BY t.n) AS kind_before, pg_catalog.lag(t.value) OVER (ORDER BY t.n) AS value_before
         FROM (SELECT m[1] AS kind, m[2] AS value, n
                 FROM pg_catalog.regexp_matches(p.prosqlbody::pg_catalog.text, ':(relid|updatedCols) \(?b? ?([ 0-9]*)', 'g') WITH ORDINALITY AS r (m, n)) AS t
       ) AS t
 CROSS JOIN LATERAL pg_catalog.string_to_table(t.value, ' ') AS bit
  JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid OPERATOR(pg_catalog.=) CASE WHEN t.kind_before OPERATOR(pg_catalog.=) 'relid' THEN t.value_before::pg_catalog.oid END
   AND a.attnum OPERATOR(pg_catalog.=) (pg_catalog.substring(bit, '.+')::pg_catalog.int4 OPERATOR(pg_catalog.-) 7)::pg_catalog.int2
 WHERE p.pronamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema() AND p.proname OPERATOR(pg_catalog.~) '^rung_batch_'
   AND t.kind OPERATOR(pg_catalog.=) 'updatedCols' AND t.kind_before OPERATOR(pg_catalog.=) 'relid' AND bit OPERATOR(pg_catalog.<>) ''
   AND (EXISTS (SELECT FROM pg_catalog.pg_attribute AS k
                 WHERE k.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(:'table') AND k.attname OPERATOR(pg_catalog.=) ANY (:'columns'::pg_catalog.name[])
                   AND a.attname OPERATOR(pg_catalog.=) k.attname
                   -- The table itself, or its partitions and children, or what it is one of.
                   AND (a.attrelid OPERATOR(pg_catalog.=) k.attrelid OR EXISTS (
                         WITH RECURSIVE of (top, child) AS (
                           SELECT inhparent, inhrelid FROM pg_catalog.pg_inherits
                            UNION
                           SELECT of.top, i.inhrelid FROM of JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) of.child)
                         SELECT FROM of
                          WHERE of.top OPERATOR(pg_catalog.=) k.attrelid AND of.child OPERATOR(pg_catalog.=) a.attrelid
                             OR of.top OPERATOR(pg_catalog.=) a.attrelid AND of.child OPERATOR(pg_catalog.=) k.attrelid)))
     -- A key that is generated from the column.
     OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS k
                  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid OPERATOR(pg_catalog.=) k.attrelid AND d.adnum OPERATOR(pg_catalog.=) k.attnum
                  JOIN pg_catalog.pg_depend AS e
                    ON e.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND e.objid OPERATOR(pg_catalog.=) d.oid
                    OR e.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid OPERATOR(pg_catalog.=) k.attrelid AND e.objsubid OPERATOR(pg_catalog.=) k.attnum
                 WHERE k.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(:'table') AND k.attname OPERATOR(pg_catalog.=) ANY (:'columns'::pg_catalog.name[])
                   AND k.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog."char" AND a.attrelid OPERATOR(pg_catalog.=) k.attrelid
                   AND e.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND e.refobjid OPERATOR(pg_catalog.=) k.attrelid AND e.refobjsubid OPERATOR(pg_catalog.=) a.attnum));
