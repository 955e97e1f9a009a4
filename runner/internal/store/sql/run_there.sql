BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT id FROM :"schema".log WHERE scope = :'scope' AND run = :'run' LIMIT 1;
COMMIT;
