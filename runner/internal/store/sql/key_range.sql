BEGIN READ ONLY;
:set_role
:{limits}
:{session}
:{probing}
SELECT CASE WHEN NOT k.nulls THEN (SELECT :{texts} FROM :{table} ORDER BY :{columns_desc} LIMIT 1) END, k.nulls
  FROM (SELECT :{any_null} AS nulls OFFSET 0) AS k;
ROLLBACK;
