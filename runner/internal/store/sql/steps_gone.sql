DELETE FROM :"schema".steps WHERE scope = :'scope' AND version = :'version' AND direction = :'direction' AND step >= :'step';
