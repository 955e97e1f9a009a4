UPDATE :"schema".steps
   SET state = :'state', finished_at = pg_catalog.clock_timestamp()
 WHERE version = :'version' AND direction = :'direction' AND step = :'step' AND run = :'run';
