DO $rung$
BEGIN
  IF EXISTS (
:foreign
            ) THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, somebody has altered the history tables'
      USING HINT = 'rung status shows what was altered';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              WHERE n.nspname = :'name' AND c.relname = 'format') THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, rung has run on this database and created its history tables'
      USING HINT = 'make the script again: rung plan --sql';
  END IF;
END
$rung$;
