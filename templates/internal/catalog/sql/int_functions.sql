-- Functions whose text names one of the columns by a word of the pattern ($1).
SELECT p.oid::regprocedure::text
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rung')
 WHERE p.prosrc ~ ('\m(' || array_to_string($1::text[], '|') || ')\M')
   AND (p.prosrc ~* '\m(int|integer|int4|smallint|int2)\M' OR pg_catalog.pg_get_function_arguments(p.oid) ~ '\m(integer|smallint)\M' OR pg_catalog.pg_get_function_result(p.oid) ~ '\m(integer|smallint)\M')
 ORDER BY 1
