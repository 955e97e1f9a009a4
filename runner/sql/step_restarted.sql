UPDATE :"schema".steps
   SET state = 'started', checksum = :'checksum', run = :'run', started_at = pg_catalog.clock_timestamp()
 WHERE version = :'version' AND direction = :'direction' AND step = :'step';
