BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT s.version, s.direction, s.step, coalesce(s.estimate, 0), coalesce(b.keys, 0), coalesce(b.rows, 0), coalesce(b.batches, 0),
       coalesce((SELECT pg_catalog.sum(r.keys) / nullif(extract(epoch FROM pg_catalog.max(r.committed_at) - pg_catalog.min(r.committed_at - r.duration)), 0)
                   FROM (SELECT keys, committed_at, duration FROM :"schema".batches AS r
                          WHERE :{ours} AND (r.version, r.direction, r.step) = (s.version, s.direction, s.step)
                          ORDER BY committed_at DESC LIMIT 20) AS r), 0)::float8,
       coalesce(c.paused, false), CASE WHEN c.paused THEN c.changed_by ELSE '' END, s.state
  FROM :"schema".steps AS s
  JOIN :"schema".:{versions} AS m USING (:{key})
  LEFT JOIN :"schema".control AS c USING (:{key})
  LEFT JOIN LATERAL (SELECT pg_catalog.sum(keys)::bigint AS keys, pg_catalog.sum(rows)::bigint AS rows, pg_catalog.count(*) AS batches
                       FROM :"schema".batches AS b
                      WHERE :{ours} AND (b.version, b.direction, b.step) = (s.version, s.direction, s.step)) AS b ON true
 WHERE :{ours} AND m.state <> 'applied' AND s.state <> 'done' AND s.estimate IS NOT NULL
   AND s.direction = CASE m.state WHEN 'reverting' THEN 'down' ELSE 'up' END;
COMMIT;
