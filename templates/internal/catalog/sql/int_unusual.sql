-- What keeps a table ($1) or one of its columns ($2) from being widened.
SELECT 'is a table of the type ' || reloftype::regtype FROM pg_catalog.pg_class WHERE oid = $1 AND reloftype <> 0
 UNION ALL
SELECT 'has ' || pg_catalog.quote_ident(attname) || ' from a table that it inherits from' FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attinhcount > 0 AND attname = ANY ($2)
 UNION ALL
SELECT 'is a temporary table' FROM pg_catalog.pg_class WHERE oid = $1 AND relpersistence = 't'
