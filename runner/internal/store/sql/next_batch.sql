BEGIN READ ONLY;
:set_role
:{limits}
:{session}
:{probing}
SELECT k.first, k.last, CASE WHEN k.last IS NULL THEN (SELECT pg_catalog.count(*) FROM :{table} WHERE :{range}) END
  FROM (SELECT (SELECT :{texts} FROM :{table} WHERE :{range} ORDER BY :{columns} LIMIT 1) AS first,
               (SELECT :{texts}
                  FROM (SELECT :{columns} FROM :{table} WHERE :{range} ORDER BY :{columns} OFFSET :{skip} LIMIT 1) AS skipped) AS last
        OFFSET 0) AS k;
ROLLBACK;
