ALTER ROLE r PASSWORD 'hunter2';
ALTER ROLE r PASSWORD
  'hunter2 too';
