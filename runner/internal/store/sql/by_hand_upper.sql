  SELECT :{selected} INTO rung_row FROM :{table} ORDER BY :{columns_desc} LIMIT 1;
  IF NOT FOUND THEN
    -- Let the server read the statements, so that an empty table hides no mistake.
:read_only
    RETURN;
  END IF;
:{set_upto}
  rung_percent := least(100, 100 OPERATOR(pg_catalog.*) :{counted_pages}::pg_catalog.float8 OPERATOR(pg_catalog./) greatest(:{pages}, 1));
  SELECT (pg_catalog.count(*) OPERATOR(pg_catalog.*) 100::pg_catalog.int8 OPERATOR(pg_catalog./) rung_percent)::pg_catalog.int8 INTO rung_estimate
    FROM :{table} TABLESAMPLE pg_catalog.system (rung_percent);
  SELECT pg_catalog.array_agg(:{key_type} ORDER BY c.n), pg_catalog.array_agg(a.attnum::pg_catalog.int8 ORDER BY c.n) INTO rung_types, rung_numbers
    FROM pg_catalog.unnest(:'column_names'::pg_catalog.name[]) WITH ORDINALITY AS c (name, n)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(:'table_name') AND a.attname OPERATOR(pg_catalog.=) c.name;
  rung_oid := pg_catalog.to_regclass(:'table_name');
  SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) (||) :'key_columns' INTO rung_key
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid (=) c.relnamespace
   WHERE c.oid (=) pg_catalog.to_regclass(:'table_name');
:as_record
:fence
  UPDATE :"schema".steps
     SET upper_key = :{upto_text}, batch_key = rung_key,
         estimate = rung_estimate, key_types = rung_types,
         key_ids = ARRAY[tableoid::pg_catalog.int8, rung_oid::pg_catalog.int8] OPERATOR(pg_catalog.||) rung_numbers
   WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) :'direction' AND step (=) :'step';
:walk
  SELECT :{selected} INTO rung_row FROM :{table} WHERE (:{columns}) :{below} (:{upto}) ORDER BY :{columns} LIMIT 1;
  rung_more := FOUND;
