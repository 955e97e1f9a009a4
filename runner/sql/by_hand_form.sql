DO $rung$
BEGIN
  IF EXISTS (
:foreign
            ) THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, somebody has changed what the history tables are made of'
      USING HINT = 'rung status says what was found';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              WHERE n.nspname = :'name' AND c.relname = 'format') THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, a runner has worked on this database, and made its record'
      USING HINT = 'make the script again: rung plan --sql';
  END IF;
END
$rung$;
