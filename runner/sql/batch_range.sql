UPDATE :"schema".steps
   SET upper_key = :'upper_key', estimate = :'estimate'
 WHERE version = :'version' AND direction = :'direction' AND step = :'step' AND run = :'run';
