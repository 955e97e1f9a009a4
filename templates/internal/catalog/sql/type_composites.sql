-- Finds the composite type that a type ($1) is, or is a domain of.
WITH RECURSIVE made (typ) AS (
    SELECT $1::oid
     UNION ALL
    SELECT t.typbasetype FROM made AS m JOIN pg_catalog.pg_type AS t ON t.oid = m.typ WHERE t.typbasetype <> 0
)
SELECT t.typname FROM made AS m JOIN pg_catalog.pg_type AS t ON t.oid = m.typ WHERE t.typtype = 'c'
