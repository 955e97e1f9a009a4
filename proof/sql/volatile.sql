-- The columns whose values differ from run to run by right, as (table, column):
-- identities, defaults that call what is not immutable, and the foreign keys
-- that point at such a column.
--
-- $1 the schemas that are left out
WITH RECURSIVE seeds AS (
    SELECT attrelid, attnum
      FROM pg_attribute
      JOIN pg_class AS c ON c.oid = attrelid
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     WHERE relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped AND relnamespace <> 'pg_catalog'::regnamespace
       AND (attidentity <> ''
            OR attgenerated = '' AND pg_get_expr(adbin, adrelid) ~* '\m(current_|local(time|timestamp)|session_user|user\M)'
            OR attgenerated = '' AND EXISTS (
                SELECT FROM regexp_matches(pg_get_expr(adbin, adrelid), '([[:alnum:]_]+)\(', 'g') AS m
                  JOIN pg_proc ON proname = m[1] AND provolatile <> 'i'))
), found AS (
    SELECT attrelid, attnum FROM seeds
    UNION
    SELECT conrelid, pair.own
      FROM found
      JOIN pg_constraint ON contype = 'f' AND confrelid = attrelid
     CROSS JOIN LATERAL unnest(conkey, confkey) AS pair (own, theirs)
     WHERE pair.theirs = attnum
)
SELECT quote_ident(nspname) || '.' || quote_ident(relname), attname::text
  FROM found
  JOIN pg_attribute USING (attrelid, attnum)
  JOIN pg_class AS c ON c.oid = attrelid
  JOIN pg_namespace AS n ON n.oid = relnamespace
 WHERE nspname <> ALL ($1::text[])
