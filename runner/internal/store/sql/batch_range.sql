UPDATE :"schema".steps
   SET upper_key = :'upper_key', estimate = :'estimate', batch_key = :'batch_key',
       key_types = :'key_types', key_ids = :{key_ids}
 WHERE scope = :'scope' AND version = :'version' AND direction = :'direction' AND step = :'step' AND run = :'run';
