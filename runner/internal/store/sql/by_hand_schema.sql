DO $rung$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = :'name') THEN
    CREATE SCHEMA :"schema";
  END IF;
END
$rung$;
:from
