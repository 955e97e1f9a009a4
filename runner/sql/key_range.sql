BEGIN READ ONLY;
:set_role
:{session}
:{index_only}
SELECT (SELECT :{texts} FROM :{table} ORDER BY :{columns_desc} LIMIT 1),
       (SELECT CASE WHEN c.reltuples > 0 THEN c.reltuples::bigint ELSE 0 END
          FROM pg_catalog.pg_class AS c WHERE c.oid = pg_catalog.to_regclass(:'name')),
       EXISTS (SELECT FROM :{table} WHERE :{any_null});
COMMIT;
