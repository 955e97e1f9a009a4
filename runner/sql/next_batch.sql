BEGIN READ ONLY;
:set_role
:{session}
:{index_only}
SELECT (SELECT :{texts} FROM :{table} WHERE :{range} ORDER BY :{columns} LIMIT 1),
       (SELECT :{texts} FROM :{table} WHERE :{range} ORDER BY :{columns} OFFSET :{skip} LIMIT 1);
COMMIT;
