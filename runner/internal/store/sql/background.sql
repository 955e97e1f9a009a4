BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT g.version, m.name, g.state, coalesce(g.estimate, 0), g.registered_at, g.registered_by, coalesce(g.run, ''), g.started_at,
       g.attempts, g.failed_at, coalesce(g.error, ''), coalesce(g.error_code, ''), coalesce(g.error_keys, ''), g.next_try_at,
       coalesce((extract(epoch FROM g.next_try_at - pg_catalog.clock_timestamp()) * 1000)::bigint, 0),
       coalesce(c.paused, false), CASE WHEN c.paused THEN c.changed_by ELSE '' END, c.changed_at,
       b.last
  FROM :"schema".background AS g
  JOIN :"schema".applied AS m USING (scope, version)
  LEFT JOIN :"schema".control AS c USING (scope, version)
  LEFT JOIN LATERAL (SELECT pg_catalog.max(b.committed_at) AS last
                       FROM :"schema".batches AS b
                      WHERE b.scope = g.scope AND b.version = g.version AND b.direction = 'up') AS b ON true
 WHERE g.scope = :'scope' AND m.state = 'background'
 ORDER BY g.version;
COMMIT;
