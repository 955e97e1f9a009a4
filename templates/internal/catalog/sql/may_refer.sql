-- Whether the role may refer to the columns ($2) of a table ($1).
SELECT bool_and(pg_catalog.has_column_privilege($1::oid, c, 'REFERENCES')) FROM unnest($2::text[]) AS c
