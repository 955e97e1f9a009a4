-- Whether comparisons with a type ($1) still use an index on another ($3, named $2).
SELECT f IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AND (t IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) OR $2 = 'numeric')
       OR f IN ('text'::regtype, 'varchar'::regtype) AND $2 IN ('text', 'varchar', 'character varying')
  FROM (SELECT $1::oid AS f, $3::oid AS t) AS types
