EXPLAIN (FORMAT JSON) SELECT :{columns} FROM :{table} ORDER BY :{columns} LIMIT 1
