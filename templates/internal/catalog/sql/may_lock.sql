-- Whether the role may lock a table ($1).
SELECT pg_catalog.has_table_privilege($1::oid, 'UPDATE, DELETE, TRUNCATE')
