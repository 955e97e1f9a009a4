UPDATE :"schema".steps
   SET checksum = :'checksum'
 WHERE scope = :'scope' AND version = :'version' AND direction = 'up' AND step = :'step';
