BEGIN READ ONLY;
:set_role
:{limits}
:{session}
SELECT key
  FROM (SELECT NULL::pg_catalog.text[], :{columns} FROM :{table} WHERE false :{keys}) AS keys (key, :{names})
 ORDER BY :{names};
ROLLBACK;
