SELECT NULL::pg_catalog.text AS scope, NULL::pg_catalog.numeric AS at, 0::pg_catalog.int8 AS n, NULL::pg_catalog.text AS digest
 WHERE false
