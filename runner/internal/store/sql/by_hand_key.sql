DO $rung$
DECLARE
  rung_plan   pg_catalog.json;
  rung_column pg_catalog.text;
  rung_null   boolean;
  rung_types  pg_catalog.text;
  rung_text   pg_catalog.text;
  rung_name   pg_catalog.text;
BEGIN
:probing
  IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid (=) pg_catalog.to_regclass(:'table') AND relkind (=) 'v') THEN
    RAISE EXCEPTION USING MESSAGE = :'view', HINT = :'view_fix';
  END IF;
  IF pg_catalog.row_security_active(pg_catalog.to_regclass(:'table')) THEN
    RAISE EXCEPTION USING MESSAGE = :'hidden', HINT = :'hidden_fix';
  END IF;
  EXECUTE :'explain' INTO rung_plan;
  IF rung_plan::pg_catalog.text (~) '"Seq Scan"|Sort"' THEN
    RAISE EXCEPTION USING MESSAGE = :'no_index', HINT = :'no_index_fix';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
              CROSS JOIN LATERAL (
:{operators}
                   ) AS o (above, upto, upfrom, visible)
              WHERE a.attrelid (=) pg_catalog.to_regclass(:'table') AND a.attname (=) ANY (:'columns') AND NOT o.visible AND NOT :{named}) THEN
    RAISE EXCEPTION USING MESSAGE = :'other_order', HINT = :'other_order_fix';
  END IF;
  IF :'above' (<>) :'plain' AND EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
              CROSS JOIN LATERAL (
:{operators}
                   ) AS o (above, upto, upfrom, visible)
              WHERE a.attrelid (=) pg_catalog.to_regclass(:'table') AND a.attname (=) ANY (:'columns')
                AND coalesce(o.above, :'usual') (<>) :'above') THEN
    RAISE EXCEPTION USING MESSAGE = :'other_type', HINT = :'other_type_fix';
  END IF;
  SELECT pg_catalog.string_agg(t.type, ', ' ORDER BY t.half, t.n) INTO rung_types
    FROM (SELECT pg_catalog.format_type(a.atttypid, -1) AS type, c.n, half
            FROM pg_catalog.unnest(:'columns'::pg_catalog.name[]) WITH ORDINALITY AS c (name, n)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(:'table') AND a.attname OPERATOR(pg_catalog.=) c.name
           CROSS JOIN pg_catalog.generate_series(1, 2) AS half) AS t;
  FOREACH rung_text IN ARRAY ARRAY[:{texts}] LOOP
    BEGIN
      -- The server refuses what some policy would change, and notes which columns a statement updates.
      PERFORM pg_catalog.set_config('row_security', 'off', true);
      EXECUTE pg_catalog.concat('PREPARE rung_batch_1 (', rung_types, ') AS ', rung_text);
      DEALLOCATE rung_batch_1;
      EXECUTE pg_catalog.concat('CREATE FUNCTION pg_temp.rung_batch_1(', rung_types, ') RETURNS pg_catalog.void LANGUAGE sql BEGIN ATOMIC ', rung_text, '; END');
    EXCEPTION WHEN others THEN
      IF SQLSTATE OPERATOR(pg_catalog.=) '42501' AND SQLERRM OPERATOR(pg_catalog.~) 'row-level security|row security' THEN
        RAISE EXCEPTION USING MESSAGE = pg_catalog.concat(:'hidden_too', ': ', SQLERRM), HINT = :'hidden_fix';
      END IF;
      CONTINUE; -- other mistakes the first batch tells
    END;
:{writes}
    DROP FUNCTION pg_temp.rung_batch_1;
    IF rung_name OPERATOR(pg_catalog.<>) '' THEN
      RAISE EXCEPTION USING MESSAGE = :'own_key', HINT = :'own_key_fix';
    END IF;
  END LOOP;
  PERFORM pg_catalog.set_config('row_security', 'on', true);
  FOR rung_column IN
    SELECT attname FROM pg_catalog.pg_attribute
     WHERE attrelid (=) pg_catalog.to_regclass(:'table') AND attname (=) ANY (:'columns') AND NOT attnotnull AND :{starts}
  LOOP
    EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %s WHERE %I IS NULL)', :'table', rung_column) INTO rung_null;
    IF rung_null THEN
      RAISE EXCEPTION USING MESSAGE = :'null_key', HINT = :'null_key_fix';
    END IF;
  END LOOP;
END
$rung$;
