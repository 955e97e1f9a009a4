SELECT :{table}::pg_catalog.oid::pg_catalog.text;
ROLLBACK;
