UPDATE :"schema".control AS c
   SET paused = false
  FROM :"schema".migrations AS m
 WHERE c.scope = :'scope' AND c.version = :'version' AND m.scope = c.scope AND m.version = c.version AND m.state = 'background';
