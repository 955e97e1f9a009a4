BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT s.version, s.direction, s.step, coalesce(s.batch_key, ''), pg_catalog.count(*)
  FROM :"schema".steps AS s
  JOIN :"schema".migrations AS m USING (:{key})
  JOIN :"schema".batches AS b USING (:{key}, direction, step)
 WHERE :{ours} AND m.state <> 'applied' AND s.state <> 'done'
 GROUP BY 1, 2, 3, 4;
SELECT version, :{up_sql}
  FROM :"schema".migrations AS m
 WHERE :{ours} AND state IN ('applying', 'background') AND :{up_sql} IS NOT NULL
   AND EXISTS (SELECT FROM :"schema".steps AS s WHERE :{ours} AND s.version = m.version AND s.state <> 'done' AND s.batch_key IS NOT NULL);
COMMIT;
