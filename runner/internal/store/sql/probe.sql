BEGIN;
:trusted_path
:set_role
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = 0;
DO $rung$
BEGIN
  PERFORM FROM :"schema".migrations WHERE scope = :'scope' AND version = :'version' FOR UPDATE;
END
$rung$;
:claim
SELECT coalesce((SELECT state FROM :"schema".migrations WHERE scope = :'scope' AND version = :'version'), ''),
       coalesce((SELECT state FROM :"schema".steps WHERE scope = :'scope' AND version = :'version' AND direction = :'direction' AND step = :'step'), '');
ROLLBACK;
