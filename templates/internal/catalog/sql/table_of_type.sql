-- The type of a typed table ($1).
SELECT reloftype::regtype FROM pg_catalog.pg_class WHERE oid = $1 AND reloftype <> 0
