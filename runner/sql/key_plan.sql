BEGIN READ ONLY;
:set_role
:{session}
:{index_only}
EXPLAIN (FORMAT JSON)
SELECT :{columns} FROM :{table} ORDER BY :{columns} LIMIT 1;
COMMIT;
