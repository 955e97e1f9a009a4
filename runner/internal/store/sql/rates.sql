BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT version, direction, step, pg_catalog.min(committed_at - duration), pg_catalog.max(committed_at),
       pg_catalog.sum(keys)::bigint, pg_catalog.sum(rows)::bigint, pg_catalog.count(*)
  FROM (SELECT version, direction, step, committed_at, duration, keys, rows,
               pg_catalog.ntile(100) OVER (PARTITION BY version, direction, step ORDER BY committed_at) AS part
          FROM :"schema".batches WHERE :{ours}) AS b
 GROUP BY version, direction, step, part
 ORDER BY version, direction, step, part;
COMMIT;
