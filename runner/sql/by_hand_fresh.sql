DO $rung$
DECLARE
  rung_now record;
BEGIN
  IF EXISTS (
:foreign
            ) THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, somebody has changed what the history tables are made of'
      USING HINT = 'rung status says what was found';
  END IF;
  IF (SELECT pg_catalog.max(version) FROM :"schema".format) IS DISTINCT FROM :'form' THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, another rung has brought the record to its own form'
      USING HINT = 'make the script again: rung plan --sql';
  END IF;
  SELECT planned.version, coalesce(m.state, 'not in place') AS state INTO rung_now
    FROM (VALUES :{planned}) AS planned (version, state)
    LEFT JOIN :"schema".migrations AS m ON :{ours} AND m.version = planned.version::numeric
   WHERE m.state IS DISTINCT FROM planned.state
   ORDER BY planned.version::numeric
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, the record has changed: version % is % now', rung_now.version, rung_now.state
      USING HINT = 'make the script again: rung plan --sql';
  END IF;
END
$rung$;
