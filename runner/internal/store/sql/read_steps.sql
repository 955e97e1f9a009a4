SELECT s.version, s.direction, s.step, s.checksum, s.state
  FROM :"schema".steps AS s
  JOIN :"schema".:{versions} AS m USING (:{key})
 WHERE :{ours} AND m.state <> 'applied'
 ORDER BY s.version, s.direction, s.step;
