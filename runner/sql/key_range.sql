BEGIN READ ONLY;
:set_role
:{session}
:{index_only}
SELECT (SELECT :{texts} FROM :{table} ORDER BY :{columns_desc} LIMIT 1),
       EXISTS (SELECT FROM :{table} WHERE :{any_null});
COMMIT;
