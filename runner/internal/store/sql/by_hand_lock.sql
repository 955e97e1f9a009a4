DO $rung$
BEGIN
  IF NOT pg_catalog.pg_try_advisory_xact_lock(:'lock_key') THEN
    RAISE EXCEPTION 'another rung is running on this database'
      USING HINT = 'when it is done, make the script again: rung plan --sql';
  END IF;
END
$rung$;
