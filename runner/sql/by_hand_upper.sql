  SELECT :{selected} INTO rung_row FROM :{table} ORDER BY :{columns_desc} LIMIT 1;
  IF NOT FOUND THEN
    -- Let the server read the statements, so that an empty table hides no mistake.
:read_only
    RETURN;
  END IF;
:{set_upto}
  EXECUTE :'explain' INTO rung_plan;
  SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) (||) :'key_columns' INTO rung_key
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid (=) c.relnamespace
   WHERE c.oid (=) pg_catalog.to_regclass(:'table_name');
:as_record
:fence
  UPDATE :"schema".steps
     SET upper_key = :{upto_text}, batch_key = rung_key,
         estimate = (SELECT pg_catalog.max(m[1]::bigint) FROM pg_catalog.regexp_matches(rung_plan::pg_catalog.text, '"Plan Rows": (\d+)', 'g') AS m)
   WHERE version (=) :'version' AND direction (=) :'direction' AND step (=) :'step';
:walk
  SELECT :{selected} INTO rung_row FROM :{table} WHERE (:{columns}) :{below} (:{upto}) ORDER BY :{columns} LIMIT 1;
  rung_more := FOUND;
