DO $rung$
BEGIN
  IF NOT coalesce(pg_catalog.current_schema()::pg_catalog.text (=) :'scope'::pg_catalog.text, false) THEN
    RAISE EXCEPTION 'schema % is not there, or this role may not use it', :'scope' USING ERRCODE = 'invalid_schema_name';
  END IF;
END
$rung$;
