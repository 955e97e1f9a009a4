:begin
:set_role
:{limits}
:{session}
:{probing}
EXPLAIN (FORMAT JSON)
SELECT :{columns} FROM :{table} ORDER BY :{columns} LIMIT 1;
ROLLBACK;
