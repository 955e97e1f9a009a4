BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT s.version, s.direction, s.step, coalesce(s.batch_key, ''), pg_catalog.count(*)
  FROM :"schema".steps AS s
  JOIN :"schema".migrations AS m USING (version)
  JOIN :"schema".batches AS b USING (version, direction, step)
 WHERE m.state <> 'applied' AND s.state <> 'done'
 GROUP BY 1, 2, 3, 4;
SELECT version, up_sql
  FROM :"schema".migrations AS m
 WHERE state = 'applying' AND up_sql IS NOT NULL
   AND EXISTS (SELECT FROM :"schema".steps AS s WHERE s.version = m.version AND s.state <> 'done' AND s.batch_key IS NOT NULL);
COMMIT;
