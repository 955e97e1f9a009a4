BEGIN READ ONLY;
:set_role
SELECT
:column
  FROM :"schema".migrations WHERE version = :'version';
COMMIT;
