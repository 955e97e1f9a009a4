UPDATE :"schema".steps
   SET checksum = :'checksum'
 WHERE version = :'version' AND direction = 'up' AND step = :'step';
