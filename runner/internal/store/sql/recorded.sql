BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT
:column
  FROM :"schema".migrations WHERE :{ours} AND version = :'version';
COMMIT;
