DO $rung$
DECLARE
  rung_now record;
BEGIN
  IF EXISTS (
:foreign
            ) THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, somebody has altered the history tables'
      USING HINT = 'rung status shows what was altered';
  END IF;
  IF (SELECT pg_catalog.max(version) FROM :"schema".format) IS DISTINCT FROM :'form' THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, another rung has upgraded the history tables'
      USING HINT = 'make the script again: rung plan --sql';
  END IF;
  SELECT planned.version, coalesce(m.state, 'not applied') AS state INTO rung_now
    FROM (VALUES :{planned}) AS planned (version, state)
    LEFT JOIN :"schema".migrations AS m ON :{ours} AND m.version = planned.version::numeric
   WHERE m.state IS DISTINCT FROM planned.state
   ORDER BY planned.version::numeric
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'nothing was run: since this script was made, the history has changed: version % is % now', rung_now.version, rung_now.state
      USING HINT = 'make the script again: rung plan --sql';
  END IF;
END
$rung$;
