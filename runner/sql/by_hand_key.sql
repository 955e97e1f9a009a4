DO :{tag}
DECLARE
  rung_plan   pg_catalog.json;
  rung_column pg_catalog.text;
  rung_null   boolean;
BEGIN
:probing
  EXECUTE :'explain' INTO rung_plan;
  IF rung_plan::pg_catalog.text (~) '"Seq Scan"|Sort"' THEN
    RAISE EXCEPTION USING MESSAGE = :'no_index', HINT = :'no_index_mend';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
              CROSS JOIN LATERAL (
:{operators}
                   ) AS o (above, upto, upfrom, visible)
              WHERE a.attrelid (=) pg_catalog.to_regclass(:'table') AND a.attname (=) ANY (:'columns') AND NOT o.visible) THEN
    RAISE EXCEPTION USING MESSAGE = :'other_order', HINT = :'other_order_mend';
  END IF;
  IF :'above' (<>) :'plain' AND EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
              CROSS JOIN LATERAL (
:{operators}
                   ) AS o (above, upto, upfrom, visible)
              WHERE a.attrelid (=) pg_catalog.to_regclass(:'table') AND a.attname (=) ANY (:'columns')
                AND coalesce(o.above, :'usual') (<>) :'above') THEN
    RAISE EXCEPTION USING MESSAGE = :'other_type', HINT = :'other_type_mend';
  END IF;
  FOR rung_column IN
    SELECT attname FROM pg_catalog.pg_attribute
     WHERE attrelid (=) pg_catalog.to_regclass(:'table') AND attname (=) ANY (:'columns') AND NOT attnotnull AND :{starts}
  LOOP
    EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %s WHERE %I IS NULL)', :'table', rung_column) INTO rung_null;
    IF rung_null THEN
      RAISE EXCEPTION USING MESSAGE = :'null_key', HINT = :'null_key_mend';
    END IF;
  END LOOP;
END
:{tag};
