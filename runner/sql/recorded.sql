BEGIN READ ONLY;
:trusted_path
:set_role
SELECT
:column
  FROM :"schema".migrations WHERE version = :'version';
COMMIT;
