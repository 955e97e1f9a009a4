DELETE FROM :"schema".steps WHERE version = :'version' AND direction = :'direction' AND step >= :'step';
