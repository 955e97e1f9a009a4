-- A column ($2) of a table ($1): whether it is text, whether it comes from a
-- parent, its number, its type, and what hangs on it, or on that of a partition,
-- that an enum cannot have: keys that tie it to other columns of text, and
-- indexes with an operator class, collation or method of text.
WITH RECURSIVE :family,
hanging (what) AS (
    SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
      FROM family AS f
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.oid AND a.attname = $2
      JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
      LEFT JOIN pg_catalog.pg_constraint AS k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
      LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = CASE d.classid WHEN 'pg_class'::regclass THEN d.objid WHEN 'pg_constraint'::regclass THEN k.conindid END
      LEFT JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
     WHERE d.deptype IN ('n', 'a', 'i')
       AND (k.contype IN ('f', 'x')
            OR EXISTS (SELECT
                         FROM unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[]) AS part (attnum, class, collated)
                         JOIN pg_catalog.pg_opclass AS c ON c.oid = part.class
                        WHERE NOT c.opcdefault
                           OR part.attnum = a.attnum
                              AND (part.collated <> a.attcollation
                                   OR NOT EXISTS (SELECT
                                                    FROM pg_catalog.pg_opclass AS e
                                                   WHERE e.opcmethod = x.relam AND e.opcintype = 'anyenum'::regtype AND e.opcdefault))))
)
SELECT t.typcategory = 'S' AND t.typtype = 'b', a.attinhcount > 0, a.attnum,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || (SELECT pg_catalog.format('%I.%I', n.nspname, l.collname)
                                                                           FROM pg_catalog.pg_collation AS l
                                                                           JOIN pg_catalog.pg_namespace AS n ON n.oid = l.collnamespace
                                                                          WHERE l.oid = a.attcollation) ELSE '' END,
       ARRAY(SELECT what FROM hanging ORDER BY what)
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
 WHERE a.attrelid = $1
   AND a.attname = $2
   AND NOT a.attisdropped
